-- index.lua: collects where words are explained or used; makes the index.
local common = require 'common'
local book, stop, text_of = common.book, common.stop, common.text_of
local inline = common.inline
local number = require 'numbers'.number
local errors = require 'errors'

local entries, explained, see = {}, {}, {}
local terms = {} -- for each chapter, links to what it explains

-- Reads docs/index.txt: names, words to look for, "see" references.
local names, listed
local function list()
  if listed then return listed end
  names, listed = {}, {}
  for _, row in ipairs(errors.rows()) do
    for call in row[1]:gmatch '%S+' do names[call] = true end
    if book.meta.in_print[row[1]:match '%S+' .. ':' .. row[2]] then
      see[row[5]] = '`' .. row[2]
    end
  end
  for _, row in ipairs(common.lines_of(common.read 'docs/index.txt')) do
    local file, key, words = row:match '^(%d*) ?([^:>]-) ?: (.*)$'
    local from, to = row:match '^(.*) > (.*)$'
    local name = row:match '^`(.*)`$'
    if row == '' or row:match '^#' then goto next
    elseif name then names[name], listed[#listed + 1] = true, { key = '`' .. name }
    elseif from then see[from] = to:gsub('`$', '')
    elseif words then
      for pattern in words:gmatch '[^|]+' do
        listed[#listed + 1] = { key = key:gsub('`$', ''), file = tonumber(file), pattern = pattern }
      end
    else stop('docs/index.txt: neither an entry nor a name: %s', row)
    end
    ::next::
  end
  return listed
end

-- Adds a place to an entry of the index: at most one per chapter, none in
-- the glossary and the answers, which repeat things. `main`: this place
-- explains the word. Returns the id of a new place, or nil.
local function entry(key, main)
  if number.file == 94 or number.file == 97 then return nil end
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
  if term and s.identifier ~= '' then
    local list = terms[number.chapter] or {}
    terms[number.chapter] = list
    list[#list + 1] = pandoc.Link(pandoc.Str(text_of(s.content)), '#' .. s.identifier)
  end
  if term and not key:match '^`' then
    explained[#explained + 1] = { key = key,
      pattern = '%f[%w]' .. key:gsub('%p', '%%%0') .. 's?%f[^%w]' }
  end
  return s
end

-- A paragraph that uses a word explained earlier, or a word of
-- docs/index.txt, goes to the index.
local function used(p)
  local text, out = text_of(p), pandoc.List {}
  for _, word in ipairs(explained) do
    if text:find(word.pattern) then
      local id = entry(word.key, false)
      if id then out:insert(id) end
    end
  end
  for _, word in ipairs(list()) do
    local id = word.pattern and text:find(word.pattern)
      and entry(word.key, word.file == number.file)
    if id then out:insert(id) end
  end
  for _, id in ipairs(out) do
    p.content:insert(1, pandoc.Span({}, pandoc.Attr(id)))
  end
  return p
end

-- Names in code go to the index; options may follow the name of a tool.
local function name(c)
  list()
  local word = c.text:match '^(%l+) %-' or c.text
  if names[word] or word:match '^E%u%u+$' or word:match '^%u+_[%u_%d]+$' then
    local id = entry('`' .. word,
      (number.title .. number.section):find('%f[%w_]' .. word .. '%f[^%w_]') ~= nil)
    if id then return pandoc.Span({ c }, pandoc.Attr(id)) end
  end
end

-- The places to print. Of a word with many (of a name, with very many) only
-- those that explain it; if none does, the first.
local function places(key)
  local list = entries[key]
  if #list <= ((key:match '^`' or key == key:upper()) and 12 or 8) then return list end
  local main = {}
  for _, e in ipairs(list) do
    if e.main then main[#main + 1] = e end
  end
  return #main > 0 and main or { list[1] }
end

local function shown(key)
  local code = key:match '^`(.*)'
  return code and pandoc.Code(code) or pandoc.Str(key)
end

-- One line of the index: the word, and links to its places. They are links
-- of pandoc's, which adapts them: in an EPUB each chapter is a file.
local function line(key)
  local out = pandoc.List { shown(key), pandoc.Str '\u{2003}' }
  if see[key] and not entries[key] then
    out:extend { pandoc.Emph 'see', pandoc.Space(), shown(see[key]) }
    return { pandoc.Plain(out) }
  end
  for _, e in ipairs(places(key)) do
    out:insert(pandoc.Link({ inline '<!--s-->', pandoc.Span({ pandoc.Str(e.where) }),
      inline '<!--/s-->' }, '#' .. e.id, '',
      pandoc.Attr('', { 'page', e.main and 'main' or nil })))
    if book.epub then out:insert(pandoc.Space()) end
  end
  return { pandoc.Plain(out) }
end

local function index_list()
  for _, word in ipairs(book.meta.partial and {} or list()) do
    if not entries[word.key] then stop('docs/index.txt: no chapter has %s', word.key) end
  end
  local keys, groups, letter = {}, pandoc.List {}, nil
  for key in pairs(entries) do keys[#keys + 1] = key end
  for key, other in pairs(see) do
    if entries[other] and not entries[key] then keys[#keys + 1] = key end
  end
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

-- The contents: each chapter, and below it what it explains.
local function contents(blocks)
  local items = {}
  for _, h in ipairs(blocks) do
    if h.t == 'Header' and h.level == 1 then
      local title = pandoc.walk_block(pandoc.Plain(h.content), { -- its ids stay there
        Span = function(s) return s.identifier ~= '' and s.content or nil end })
      local item = { pandoc.Plain { pandoc.Link(title.content, '#' .. h.identifier) } }
      local words = pandoc.List {}
      for _, link in ipairs(terms[h.identifier] or {}) do
        if #words > 0 then words:extend { pandoc.Space(), pandoc.Str '·', pandoc.Space() } end
        words:insert(link)
      end
      if #words > 0 then item[2] = pandoc.Div({ pandoc.Plain(words) }, pandoc.Attr('', { 'terms' })) end
      items[#items + 1] = item
    end
  end
  return pandoc.MetaBlocks { pandoc.BulletList(items) }
end

return { contents = contents, entry = entry, span = span, used = used, name = name, index = index_list }
