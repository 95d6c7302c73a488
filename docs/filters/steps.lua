-- steps.lua: a run (run.lua) as the data of the step player in
-- docs/web/run-steps.js: a script, `runSteps({...})`, because a page that was
-- opened from a folder may read no other kind of file.
local common = require 'common'
local run, ladder, program = require 'run', require 'ladder', require 'program'
local question = require 'questions'.before

local function json(x)
  if type(x) == 'string' then
    return '"' .. x:gsub('[%c"\\]', function(c) return ('\\u%04x'):format(c:byte()) end):gsub('</', '<\\/') .. '"'
  elseif type(x) ~= 'table' then return tostring(x) end
  local out = {}
  if #x > 0 or next(x) == nil then
    for i, v in ipairs(x) do out[i] = json(v) end
    return '[' .. table.concat(out, ',') .. ']'
  end
  for k, v in pairs(x) do out[#out + 1] = json(tostring(k)) .. ':' .. json(v) end
  table.sort(out)
  return '{' .. table.concat(out, ',') .. '}'
end

-- The lines of a program: its text in the run, or a lesson. The Makefile makes
-- NAME-no-reuse and its like of NAME.c, line for line.
local function source(name, sources)
  local file = name:gsub('%-.*$', '')
  if not file:match '%.%a+$' then file = file .. '.c' end
  if sources[name] then
    return program.highlighted(sources[name], file:match '%.py$' and 'python' or 'c')
  end
  if common.read(common.book.meta.lessons .. '/' .. file) then return program.program(file).html end
end

-- A step as the player reads it: p, the process; start, call and args,
-- blocks, res, back, hold, ends; says, out, segs, tables, gone as in run.lua;
-- line in the source; ask, the question before it.
local function step_of(scene, step)
  local p, e = scene.procs[step.p], step.call
  local out = { p = step.p, start = step.start, ends = step.ends, gone = step.gone, back = step.back and 1,
    hold = step.hold and 1, says = #step.says > 0 and step.says or nil, blocks = step.blocks, res = step.result }
  if e then
    out.call, out.args, out.line = e.call, e.arguments, tonumber(e.line)
    if not step.back then out.ask = question(scene.name, p.role, e.number, e.call .. '(' .. e.arguments) end
  elseif step.hold then out.ask = question(scene.name, p.role, '', 'hold')
  elseif step.ends then out.ask = question(scene.name, p.role, '', 'end')
  end
  -- What to do at another terminal is of no use here.
  out.blocks = out.blocks and out.blocks:gsub(': run %S+ in another terminal$', '')
  out.res = out.res and out.res:gsub('^= ', '')
  for i, words in ipairs(step.words) do
    out.out = out.out or {}
    out.out[i] = words.typed and { words.text, 1 } or { words.text }
  end
  for i, row in ipairs(step.segments) do
    out.segs = out.segs or {}
    out.segs[i] = { row.side, row.to, row.text }
  end
  for i, list in pairs(step.tables or {}) do
    out.tables = out.tables or {}
    out.tables['p' .. i] = {}
    for j, s in ipairs(list) do
      out.tables['p' .. i][j] = { s.fd, s.state, s.here, s.peer, s.unread,
        s.backlog and ('%d waiting, backlog %d'):format(s.waiting or 0, s.backlog) or '' }
    end
  end
  return out
end

-- The script with the data of a run; name is what its pages call it. sources:
-- of programs of one's own (run.lua). Returns their HTML, too.
local function script(name, scenes, sources)
  local data, numbers = { name = name, programs = {}, scenes = {} }, {}
  local function program_of(p)
    if not numbers[p.program] then
      data.programs[#data.programs + 1] = { name = p.program, lines = source(p.program, sources or {}) or {} }
      numbers[p.program] = #data.programs
    end
    return numbers[p.program]
  end
  for i, scene in ipairs(scenes) do
    local made = { title = scene.title, procs = {}, steps = {} }
    for j, p in ipairs(scene.procs) do
      made.procs[j] = { id = p.id, who = p.who, program = program_of(p), of = p.of }
    end
    for j, step in ipairs(scene.steps) do made.steps[j] = step_of(scene, step) end
    if #scene.sides > 1 then made.heads, made.ladder, made.below = ladder.growing(scene) end
    data.scenes[i] = made
  end
  local own = {}
  for _, each in ipairs(data.programs) do
    if sources and sources[each.name] then
      own[#own + 1] = common.part('source', { name = common.escape(each.name), lines = table.concat(each.lines, '\n') })
    end
  end
  return 'runSteps(' .. json(data) .. ')\n', table.concat(own, '\n')
end

return { script = script }
