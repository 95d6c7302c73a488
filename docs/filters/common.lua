-- common.lua: what all parts of the book's filter use. `book` is the state
-- that they share: the current file, for messages, and the settings.

local book = {
  epub = FORMAT:match '^epub' ~= nil,
  meta = {},
  at = 'the handout', -- the file of the current chapter
  holds_whole = {}, -- files of chapters that hold a whole program
}

local function stop(message, ...)
  io.stderr:write('handout: ', book.at, ': ', message:format(...), '\n')
  os.exit(1)
end

local function html(text) return pandoc.RawBlock('html', text) end
local function inline(text) return pandoc.RawInline('html', text) end
local function escape(text)
  return (text:gsub('[&<>"]', {
    ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;',
  }))
end
local function text_of(x) return pandoc.utils.stringify(x) end

local function read(path)
  local file = io.open(path, 'rb')
  if not file then return nil end
  local text = file:read 'a'
  file:close()
  return text
end

local function lines_of(text)
  local lines = {}
  for line in text:gmatch '([^\n]*)\n?' do lines[#lines + 1] = line end
  while lines[#lines] == '' do lines[#lines] = nil end
  return lines
end

-- part(name, values): a part of docs/templates/parts.html, filled in.
local parts
local function part(name, values)
  if not parts then
    parts = {}
    local text = read 'docs/templates/parts.html' or stop 'docs/templates/parts.html is missing'
    for key, body in (text:gsub('<!%-%- (%S+) %-%->\n', '\1%1\2')):gmatch '\1([^\2]*)\2([^\1]*)' do
      parts[key] = body:gsub('\n$', '')
    end
  end
  return (parts[name]:gsub('%$(%w+)%$', values or {}))
end

return {
  book = book, stop = stop, html = html, inline = inline, escape = escape,
  text_of = text_of, read = read, lines_of = lines_of, part = part,
}
