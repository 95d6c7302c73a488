-- calls.lua: makes the boxes on calls and the table of all calls from
-- docs/calls.txt.
local common = require 'common'
local stop, html, part = common.stop, common.html, common.part
local program = require 'program'
local index = require 'index'

local file = 'docs/calls.txt'

-- Returns all calls by name, and the list of those for the table: a call
-- with a field `in` stands only in its chapter. The file has blocks of
-- lines `field: value`; a line that begins with a blank continues the last.
local all, order
local function calls()
  if all then return all, order end
  all, order = {}, {}
  local one, field
  for line in ((common.read(file) or stop('%s is missing', file)) .. '\n'):gmatch '([^\n]*)\n' do
    local key, value = line:match '^(%l+): (.*)$'
    if line == '' or line:match '^#' then field = nil
    elseif key == 'call' then
      one = { call = value }
      all[value] = one
      order[#order + 1] = one
    elseif key == 'in' then order[#order] = nil
    elseif key and one then one[key], field = value, key
    elseif line:match '^ ' and field then one[field] = one[field] .. '\n' .. line
    else stop('%s: neither a field nor the rest of one: %s', file, line) end
  end
  return all, order
end

local function named(name)
  return calls()[name] or stop('%s has no call %s, which the marker "calls" names', file, name)
end

local function inlines(text)
  return pandoc.read(text, 'markdown').blocks[1].content
end

-- One fact of a box: its name and a text in Markdown.
local function fact(name, text)
  local out = pandoc.List { pandoc.RawInline('html', part('fact', { name = name })), pandoc.Space() }
  out:extend(inlines(text))
  return pandoc.Div({ pandoc.Plain(out) }, pandoc.Attr('', { 'fact' }))
end

local function errors_of(call)
  local out = {}
  for each in call.errors:gmatch '[^;]+' do
    local name, meaning = each:match '^%s*([^,]+), (.*)$'
    out[#out + 1] = name and name:gsub('E%u+[_%u]*', '`%0`') .. ': ' .. meaning
      or each:match '^%s*(.*)$'
  end
  return table.concat(out, '; ')
end

local function failing(call) return call.fails or '-1, with the reason in `errno`' end

local function box(name)
  local call = named(name)
  local returns = fact('Returns', call.returns .. '; when it fails, ' .. failing(call))
  local id = index.entry('`' .. name, true)
  if id then returns.content[1].content:insert(1, pandoc.Span({}, pandoc.Attr(id))) end
  return pandoc.Div({
    html(part('declaration', { code = table.concat(
      program.highlighted(common.lines_of(call.prototype), 'c'), '\n') })),
    returns,
    fact('Blocks', call.blocks),
    fact('Fails with', errors_of(call)),
  }, pandoc.Attr('', { 'signature' }))
end

local function cell(text) return (text:gsub('|', '\\|')) end

local function table_of_all()
  local rows = { '| call | gives | blocks | remember |',
    '|------------------------|------------------------|-------------------|-----------------------|' }
  local _, list = calls()
  for _, call in ipairs(list) do
    rows[#rows + 1] = ('| `%s` | %s | %s | %s |'):format(call.short,
      cell(call.returns), cell(call.blocks), cell(call.remember))
  end
  rows[#rows + 1] = '\n: The main calls of this book. Each gives -1 and sets `errno` '
    .. 'when it fails, except `getaddrinfo`. {#tbl:calls}'
  return pandoc.read(table.concat(rows, '\n'), 'markdown').blocks
end

-- The table on the sheet for the exam, with each call's declaration.
local function table_of_signatures()
  local rows = {}
  local _, list = calls()
  for _, call in ipairs(list) do
    local cells = {}
    for i, field in ipairs { 'returns', 'blocks' } do
      cells[i] = pandoc.write(pandoc.Pandoc { pandoc.Plain(inlines(call[field])) }, 'html')
    end
    rows[#rows + 1] = part('sheet-row', { prototype = table.concat(
      program.highlighted(common.lines_of(call.prototype), 'c'), '\n'),
      returns = cells[1], blocks = cells[2] })
  end
  return pandoc.List { html(part('sheet-calls', { rows = table.concat(rows, '\n') })) }
end

-- What replaces the marker: the boxes for `names`, or a table.
local function expand(attributes)
  if attributes.sheet then return table_of_signatures() end
  if attributes.table then return table_of_all() end
  if not attributes.names then stop 'the marker "calls" names no calls' end
  local out = pandoc.List {}
  for name in attributes.names:gmatch '%S+' do out:insert(box(name)) end
  return out
end

return { expand = expand, calls = calls, named = named, errors_of = errors_of }
