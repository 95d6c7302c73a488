-- errors.lua: makes the tables of errors from lessons/narrator/errors.h.
local common = require 'common'
local book, stop, html, escape = common.book, common.stop, common.html, common.escape
local read, lines_of, part = common.read, common.lines_of, common.part

local function set_of(words)
  local set = {}
  for word in (words or ''):gmatch '%S+' do set[word] = true end
  return next(set) and set
end

-- A row such as bind/left is told of one cause alone; the row of the call
-- itself is told where the cause cannot be seen, and the book leaves it out.
-- A row such as bind/path is for AF_UNIX, and keeps its name.
local function error_rows()
  local text = read(book.meta.errors) or stop('%s is not there', book.meta.errors)
  local rows = {}
  for _, line in ipairs(lines_of(text)) do
    local row = {}
    for field in (line .. '\t'):gmatch '([^\t]*)\t' do row[#row + 1] = field end
    local call = not row[1]:match '/path' and row[1]:match '^(.*)/'
    local last = rows[#rows]
    if call and last[1] == call and last[2] == row[2] and not last.cause then
      rows[#rows] = nil
    end
    row[1], row.cause = call or row[1], call
    rows[#rows + 1] = row
  end
  return rows
end

-- An example must fit its error: the lessons' own address is always there,
-- and everybody may use their port.
local examples = {
  bindEACCES = { '127.0.0.1', '80' }, bindEADDRNOTAVAIL = { '192.0.2.7' },
  connectEACCES = { '192.0.2.255' }, connectEADDRNOTAVAIL = { '192.0.2.7' },
  connectEHOSTUNREACH = { '192.0.2.7' }, connectENETDOWN = { '192.0.2.7' },
  connectENETUNREACH = { '192.0.2.7' }, connectETIMEDOUT = { '192.0.2.7' },
  getaddrinfoEAI_NODATA = { 'name.example' }, getaddrinfoEAI_NONAME = { 'name.example' },
}

-- Fills in a sentence of lessons/narrator/errors.h, which explains its
-- marks. Here all values are known, so of [A|B] we take A.
local function sentence(text, lesson, row)
  local server = lesson:match 'server' or lesson:match 'receiver'
  local others = { server = 'client', client = 'server',
    receiver = 'sender', sender = 'receiver' }
  local other = lesson:gsub('(%a+)$', others)
  if not server and other == lesson then other = '05_connect' end
  if lesson == '05_connect' then other = '04_accept' end
  local example = examples[row[1] .. row[2]] or {}
  local address, port = example[1] or '127.0.0.1', example[2] or '8888'
  local values = { address = address, port = port, words = '8888',
    where = address .. ':' .. port, lesson = lesson, other = other, handout = '',
    holder = 'process 4711, ./' .. lesson, state = 'TIME-WAIT' }
  text = escape(text):gsub('%[([^%]|]*)[^%]]*%]', '%1')
    :gsub('`([^`]*)`', '<code>%1</code>')
    :gsub('%./{%a+}', '<span class="word">%0</span>') -- no line ends in it
  return (text:gsub('{(%a+)}', values))
end

-- In the table of all errors a row is about the lesson of its first call.
local lesson_of = { ['connect/path'] = '24_unix_client',
  connect = '05_connect', send = '06_send_recv_client',
  recv = '06_send_recv_client', sendto = '08_udp_sender',
  recvfrom = '08_udp_sender', getaddrinfo = '12_names',
}

-- The screen shows every row that the marker asks for. Paper shows those
-- that handout.yaml lists under errors-in-print, and only names the others.
local function errors(attributes, lesson)
  local calls, only = set_of(attributes.calls), set_of(attributes.only)
  local all = attributes.all ~= nil
  if not calls and not all then stop('the marker "errors" names no calls') end
  local several = all or select(2, attributes.calls:gsub('%S+', '')) > 1
  local out, seen, rare = {}, {}, pandoc.List {}
  for _, row in ipairs(error_rows()) do
    local names, print = {}, false
    for call in row[1]:gmatch '%S+' do
      if all or calls[call] then
        local name, path = call:gsub('/path$', '')
        names[#names + 1] = '<code>' .. escape(name) .. '</code>' .. (path > 0 and all and ' (AF_UNIX)' or '')
        seen[call] = true
        print = print or book.meta.in_print[call .. ':' .. row[2]]
      end
    end
    if #names > 0 and (not only or only[row[2]]) then
      seen[row[2]] = true
      local name = row[2]
      if not print and not rare:includes(name) then rare:insert(name) end
      local id = print and require 'index'.entry('`' .. name, all)
      local about = all and (lesson_of[row[1]:match '%S+'] or '04_accept') or lesson
      out[#out + 1] = part(print and 'error' or 'rare-error', {
        calls = several and table.concat(names, ', ') .. '<br/>' or '',
        error = (id and '<span id="' .. id .. '"></span>' or '') .. escape(name),
        words = all and '<br/>' .. escape(row[5]) or '',
        meaning = sentence(row[3], about, row), cure = sentence(row[4], about, row) })
    end
  end
  for _, asked in ipairs { calls or {}, only or {} } do
    for word in pairs(asked) do
      if not seen[word] then
        stop('%s/narrator has no row for %s, which the marker "errors" asks for',
          book.meta.lessons, word)
      end
    end
  end
  local rest = #rare > 0 and not book.epub
    and part('rarer', { names = table.concat(rare, '</code>, <code>') }) or ''
  local all = part('errors', { rows = table.concat(out, '\n'),
    first = several and 'Call and error' or 'Error' })
  if #rare == #out then all = part('screen-block', { lines = all }) end
  return pandoc.List { html(all .. rest) }
end

return { errors = errors, rows = error_rows, set_of = set_of }
