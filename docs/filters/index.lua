-- index.lua: which words are explained where, and the index of them.
local common = require 'common'
local book, text_of = common.book, common.text_of
local number = require 'numbers'.number

local entries, explained = {}, {}

-- An entry of the index, at most one a chapter; `main` is the place that
-- explains the word. Returns the id for a new place.
local function entry(key, main)
  local list = entries[key] or {}
  entries[key] = list
  local last = list[#list]
  if last and last.chapter == number.label then
    last.main = last.main or main
    return nil
  end
  number.entries = number.entries + 1
  local id = 'ix-' .. number.entries
  list[#list + 1] = { id = id, chapter = number.label, main = main,
    where = number.label ~= '' and number.label or number.title }
  return id
end

local function span(s)
  local term = s.classes:includes 'term'
  if not term and not s.classes:includes 'idx' then return end
  local key = s.attributes.key
  s.attributes.key = nil
  local first = s.content[1]
  if first.t == 'Span' then first = first.content[1] end -- see `name`
  if first.t == 'Code' then
    key = '`' .. first.text
  elseif not key then
    key = text_of(s.content):gsub('(%l[^%us])s$', '%1')
  end
  s.identifier = entry(key, term) or ''
  if term and not key:match '^`' then
    explained[#explained + 1] = { key = key,
      pattern = '%f[%w]' .. key:gsub('%p', '%%%0') .. 's?%f[^%w]' }
  end
  return s
end

-- Words that were explained before go to the index wherever a paragraph
-- uses them; so do the names of calls, options and errors.
local function used(p)
  local text, out = text_of(p), pandoc.List {}
  for _, word in ipairs(explained) do
    if text:find(word.pattern) then
      local id = entry(word.key, false)
      if id then out:insert(id) end
    end
  end
  for _, id in ipairs(out) do
    p.content:insert(1, pandoc.Span({}, pandoc.Attr(id)))
  end
  return p
end

local function name(c)
  if book.meta.calls[c.text] or c.text:match '^E%u%u+$' or c.text:match '^%u+_[%u_%d]+$' then
    local id = entry('`' .. c.text,
      number.title:find('%f[%w_]' .. c.text .. '%f[^%w_]') ~= nil)
    if id then return pandoc.Span({ c }, pandoc.Attr(id)) end
  end
end

-- The places of a word that is used all over the book: where it is
-- explained is enough.
local function places(list)
  if #list <= 8 then return list end
  local main = {}
  for _, e in ipairs(list) do
    if e.main then main[#main + 1] = e end
  end
  return #main > 0 and main or { list[1] }
end

-- One line of the index: the word, and links to its places. Links are
-- pandoc's own, since in an EPUB each chapter is a file.
local function line(key)
  local code = key:match '^`(.*)'
  local out = pandoc.List { code and pandoc.Code(code) or pandoc.Str(key), pandoc.Str '\u{2003}' }
  for _, e in ipairs(places(entries[key])) do
    out:insert(pandoc.Link({ pandoc.Span({ pandoc.Str(e.where) }) }, '#' .. e.id, '',
      pandoc.Attr('', { 'page', e.main and 'main' or nil })))
    if book.epub then out:insert(pandoc.Space()) end
  end
  return { pandoc.Plain(out) }
end

local function index_list()
  local keys, groups, letter = {}, pandoc.List {}, nil
  for key in pairs(entries) do keys[#keys + 1] = key end
  local function fold(key) return (key:lower():gsub('[^%w]', '')) end
  table.sort(keys, function(a, b)
    if fold(a) ~= fold(b) then return fold(a) < fold(b) end
    return a < b
  end)
  local lines
  for _, key in ipairs(keys) do
    local first = fold(key):sub(1, 1):upper()
    if not first:match '%a' then first = '0–9' end
    if first ~= letter then
      lines, letter = pandoc.List {}, first
      groups:insert { letter = first, lines = lines }
    end
    lines:insert(line(key))
  end
  local out = pandoc.List {}
  for _, group in ipairs(groups) do
    out:insert(pandoc.Div({ pandoc.Para { pandoc.Str(group.letter) },
      pandoc.BulletList(group.lines) }, pandoc.Attr('', { 'letter' })))
  end
  return pandoc.Div(out, pandoc.Attr('', { 'index' }))
end

return { span = span, used = used, name = name, index = index_list }
