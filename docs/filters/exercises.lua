-- exercises.lua: after which lesson each mistake and task can be done, read
-- from the head of its task.md.
local common = require 'common'
local book, stop, text_of = common.book, common.stop, common.text_of

-- heads()[number]: after which lesson ('07' and 'task-2' are numbers).
local known
local function heads()
  if known then return known end
  known = {}
  local found = assert(io.popen("cd '" .. book.meta.lessons ..
    "' && grep -H '^After lesson [0-9][0-9]\\.$' mistakes/*/task.md tasks/*/task.md"))
  for line in found:lines() do
    local kind, number, after = line:match '^(%a+)/(%d+)_.*lesson (%d%d)%.$'
    known[kind == 'tasks' and 'task-' .. number or number] = after
  end
  found:close()
  return known
end

local function listed(words)
  table.sort(words)
  local last = table.remove(words)
  return #words == 0 and last or table.concat(words, ', ') .. ' and ' .. last
end

-- The paragraph at the end of a lesson's chapter, or nil.
local function next_ones(lesson)
  local mistakes, tasks = {}, {}
  for number, after in pairs(heads()) do
    if after == lesson then
      local task = number:match '^task%-(%d+)$'
      table.insert(task and tasks or mistakes, task or number)
    end
  end
  local words = {}
  if #mistakes > 0 then
    words[1] = 'mend ' .. (#mistakes == 1 and 'mistake ' or 'mistakes ') .. listed(mistakes)
  end
  if #tasks > 0 then
    words[#words + 1] = 'write ' .. (#tasks == 1 and 'task ' or 'tasks ') .. listed(tasks)
  end
  if #words == 0 then return end
  local text = ('**Now %s.** [The chapter on mistakes](#ch-mistakes) says how; '
    .. '`scripts/check` says which one comes next.'):format(table.concat(words, ', and '))
  return pandoc.Div(pandoc.read(text, 'markdown').blocks, pandoc.Attr('', { 'now' }))
end

-- Is it after a lesson that the course leaves out (`left-out` in
-- docs/handout.yaml)? Its files are then not in the archive for students.
local function is_left_out(after)
  return book.meta.left and (not after or book.meta.left:find(after, 1, true) ~= nil)
end

-- Fills in the empty last column of a table whose rows begin with numbers.
local function column(t)
  for _, body in ipairs(t.bodies) do
    body.body = body.body:filter(function(row)
      return not is_left_out(heads()[text_of(row.cells[1].contents)])
    end)
    for _, row in ipairs(body.body) do
      local number = text_of(row.cells[1].contents)
      local after = heads()[number]
      if not after then
        stop('the table of mistakes names %s, whose task.md does not say "After lesson …"', number)
      end
      row.cells[#row.cells].contents = { pandoc.Plain(pandoc.Str(after)) }
    end
  end
  t.bodies = t.bodies
  return t
end

return { next_ones = next_ones, column = column }
