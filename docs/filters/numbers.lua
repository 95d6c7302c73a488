-- numbers.lua: the numbers of chapters, figures and tables; labels, links.
local common = require 'common'
local book, stop, inline, text_of = common.book, common.stop, common.inline, common.text_of

local labels, targets = {}, {}
local number = { label = '', title = '', section = '', entries = 0, figure = 0, table = 0 }

local function label(id, text)
  if not id or id == '' then return end
  if labels[id] then stop('#%s is the name of two places', id) end
  labels[id] = text
end

-- The number of a chapter, and of an appendix for its letter, in the whole
-- book: it stays the same if only some chapters are made.
local function place()
  local chapter, appendix = 0, 0
  for digits in (book.meta.chapters or ''):gmatch '%f[%w](%d%d)%-' do
    local file = tonumber(digits)
    if file <= number.file and file >= 90 then
      appendix = appendix + 1
    elseif file <= number.file then
      chapter = file < 70 and file or chapter + 1
    end
  end
  return chapter, appendix
end

local function header(h)
  if h.level == 1 then
    number.title, number.section, number.chapter = text_of(h.content), '', h.identifier
    local first = h.content[1]
    local typed = first and first.t == 'Str' and first.text:match '^%d%d$'
    number.figure, number.table = 0, 0
    if h.classes:includes 'unnumbered' or book.meta.kind and book.meta.kind ~= 'chapter' then
      number.label = ''
    elseif typed then
      number.label = typed
      h.content:remove(1)
      if h.content[1] and h.content[1].t == 'Space' then h.content:remove(1) end
    elseif number.file >= 90 then
      local _, appendix = place()
      number.label = string.char(64 + appendix)
    else
      number.label = ('%02d'):format((place()))
    end
    local kind = number.file >= 90 and 'appendix' or 'chapter'
    label(h.identifier, number.label == '' and text_of(h.content)
      or kind .. ' ' .. number.label)
    h.classes:insert(kind)
    if number.label ~= '' then
      h.content:insert(1, inline('<span class="number">' .. number.label .. '</span> '))
    end
  else
    number.section = ' ' .. text_of(h.content)
    label(h.identifier, '“' .. text_of(h.content) .. '”')
  end
  return h
end

local function numbered(kind)
  number[kind] = number[kind] + 1
  local chapter = number.label:gsub('^0(%d)', '%1')
  return (chapter ~= '' and chapter .. '.' or '') .. number[kind]
end

local function link(l)
  if l.target:match '^#' then
    targets[#targets + 1] = { id = l.target:sub(2), at = book.at }
  end
end

local function crossreference(l)
  local id = l.target:match '^#(.*)'
  if not id then return end
  if not labels[id] and (book.meta.partial or book.meta.kind) then -- in a chapter left out
    return #l.content > 0 and l.content or pandoc.Str 'the book'
  end
  if #l.content == 0 and labels[id] then l.content = { pandoc.Str(labels[id]) } end
  l.classes:insert 'xref'
  return l
end

return { label = label, numbered = numbered, number = number, labels = labels,
  targets = targets, header = header, link = link, crossreference = crossreference }
