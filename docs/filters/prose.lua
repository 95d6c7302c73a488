-- prose.lua: boxes, names in capitals.
local common = require 'common'
local number = require 'numbers'.number
local book, html, inline, escape = common.book, common.html, common.inline, common.escape

local titles = { tryit = '', note = 'Note', warning = 'Careful' }

local function boxed(div)
  for class, title in pairs(titles) do
    if div.classes:includes(class) then
      local label = div.attributes.title or title
      div.attributes.title = nil
      div.classes:insert 'box'
      if class == 'tryit' and book.meta.steps then
        div.attributes.chapter = ('%02d'):format(number.file) -- for its answers
      end
      if label ~= '' then
        div.content:insert(1, html('<p class="label">' .. escape(label) .. '</p>'))
      end
      return div
    end
  end
end

-- Names such as LISTEN and SIGPIPE must not be hyphenated.
local function capitals(s)
  if s.text:match '%u%u%u%u' then
    return pandoc.Span({ s }, pandoc.Attr('', { 'name' }))
  end
end

-- A line may end after a slash or a hyphen, but not in a path or an option:
-- who types `./` and `13_wiretap` gets an error.
local function unbroken(c)
  if book.epub or not c.text:find '[/-]' then return end
  return inline('<code>' .. escape(c.text):gsub('%S*[/-]%S*', '<span class="word">%0</span>')
    .. '</code>')
end

return { boxed = boxed, capitals = capitals, unbroken = unbroken }
