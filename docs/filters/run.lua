-- run.lua: reads a run of docs/runs. scripts/play/runs.c explains the fields
-- of an event.
--
-- A run is a list of scenes. A scene has its name and title, and lists in
-- the order in which things happened, all of one walk over its events:
--
--   rows    what a ladder draws, each with the number of its step
--   steps   what a reader steps through
--   lines   the events that a transcript prints
--   procs   the processes and threads: id (`server child 1`), role, who,
--           program; of: the one whose descriptors it shares, if a thread
--   sides   the roles, and `else` if segments go to a program that the run
--           does not show
--
-- A row has a kind, a side and its text:
--
--   start, ends   the program begins, ends
--   call          a call and its result; with `open`, a call that blocks
--   result        such a call returns; row.of is the call's name
--   known         calls that an earlier lesson made, in one row
--   state         what the kernel holds now
--   addresses     the two ends of a connection, when they are new
--   came          what a call has brought, such as poll's list
--   words         what the program prints, or what is typed to it
--   segment       from side to row.to; row.plain is set for a bare ACK
--
-- row.who names the child or thread, if it is not the program's first.
--
-- A step has p, the number of its process, and what of these there is:
--
--   start         the program that begins; ends: the status with which it ends
--   call          the event of a call: with `blocks` (until when) it is made
--                 and waits; with `result` it returns, `back` if it waited
--   hold          nothing is called: another look at what the kernel holds
--   says          what is told about it
--   words         what the program prints, or what is typed to it
--   segments      the rows of what was sent meanwhile
--   tables        by number of a process whose descriptors have changed: the
--                 sockets of tcp.lua by descriptor, each with its fd
--   gone          the number of a child that is no more
local common = require 'common'
local tcp = require 'tcp'
local read, lines_of = common.read, common.lines_of

local fields = { 'kind', 'role', 'program', 'column', 'thread', 'number', 'line', 'call',
  'arguments', 'result', 'errno', 'descriptor', 'state', 'here', 'peer', 'queue', 'length', 'text' }

local function events_of(path)
  local text = read(path)
  if not text then return end
  local events = {}
  for _, line in ipairs(lines_of(text)) do
    if not line:match '^#' then
      local event, at = {}, 0
      for value in (line .. '\t'):gmatch '([^\t]*)\t' do
        at = at + 1
        event[fields[at] or 'more'] = value:gsub('\u{A0}', ' ')
      end
      events[#events + 1] = event
    end
  end
  return events
end

-- A call with its arguments; a long string is cut, but not inside of a byte
-- such as \x00.
local function call_text(event)
  local arguments = event.arguments:gsub('("[^"]*")%.*', function(string)
    if utf8.len(string) <= 22 then return end
    local cut = utf8.offset(string, 21) - 1
    for last = cut, cut - 3, -1 do
      local byte = string:match('^\\x?%x*', last)
      if byte and last + (byte:sub(2, 2) == 'x' and 3 or 1) > cut then cut = last - 1 end
    end
    return string:sub(1, cut) .. '…"'
  end)
  return event.call .. '(' .. arguments .. ')'
end

local function result_text(event)
  local text = event.text:match '^= (.+)$' or event.result
  return '= ' .. text
end

-- What the kernel holds, without what the segments show anyway.
local function state_text(event)
  local words = { 'fd ' .. event.descriptor }
  local state = event.state:gsub(' %(.*', '')
  if event.call == 'close' then
    words[2] = 'closed' .. (state ~= '' and ', ' .. state or '')
  elseif state == 'UDP' then
    words[2] = event.here
  else
    words[2] = state
  end
  if event.queue ~= '' then words[3] = event.queue:gsub(' %(.*', '') end
  return table.concat(words, ' ')
end

local function segment_text(event)
  local flags = event.call:gsub('|', ', ')
  if event.length == '' or event.length == '0' then return flags end
  return flags .. ', ' .. event.length .. (event.length == '1' and ' byte' or ' bytes')
end

-- The child or thread of an event; nil for the program's first thread.
local function who(event)
  local thread, child = event.thread:match '^(%d+) of (child %d+)$'
  if child then return thread == '1' and child or child .. ', thread ' .. thread end
  return tonumber(event.thread) and event.thread ~= '1' and 'thread ' .. event.thread or nil
end

-- Returns a function that says which role has an address: the kernel said
-- so, or that role is just calling the other address.
local function owners_of(events, first, last)
  local owner = {}
  for i = first, last do
    local e = events[i]
    if e.kind == 'kernel' and e.here ~= '' then owner[e.here] = owner[e.here] or e.role end
  end
  return function(address, other, calling)
    if not owner[address] then
      for role, event in pairs(calling) do
        if event.arguments:find(other, 1, true) then owner[address] = role end
      end
    end
    return owner[address] or 'else'
  end
end

-- ------------------------------------------------------------ the walk

-- Calls that can make a kernel send, from the moment they are made.
local sends = { connect = true, send = true, sendto = true, sendmsg = true, write = true, writev = true,
  shutdown = true, close = true }

-- Whether a kernel sends this on its own, in answer to what it got. An RST
-- may be either.
local function answers(e) return e.call == 'ACK' and e.length == '0' or e.call == 'SYN|ACK' end

-- Whether it is this socket from which a segment or datagram goes.
local function goes_from(s, e)
  if e.call == 'SYN' and s.calls == e.peer then return true end
  if s.state == 'UDP' then return s.here == e.here or s.calls == e.peer or s.peer == e.peer end
  return s.here == e.here and s.peer == e.peer
end

-- What the walk keeps, beside the scene that it makes.
local Walk = {}
Walk.__index = Walk

local function walk_of(events, first, last)
  return setmetatable({
    scene = { name = '', title = '', rows = {}, steps = {}, lines = {}, procs = {}, sides = {} },
    events = events, last = last,
    seen = {}, -- sides, and both ends of connections
    calling = {}, -- role: the event of its call that is under way
    owner = owners_of(events, first, last),
    kernels = tcp.new(),
    children = {}, -- role: how many; role and process id: the child's name
  }, Walk)
end

function Walk:side(role)
  if not self.seen[role] then
    self.seen[role] = true
    table.insert(self.scene.sides, role)
  end
  return role
end

-- Adds a row; in front of another one, if there is one.
function Walk:put(kind, role, text, step, more, before)
  local rows, row = self.scene.rows, more or {}
  local at = #rows + 1
  row.kind, row.side, row.text, row.step = kind, self:side(role), text, step
  for i, each in ipairs(before and rows or {}) do if each == before then at = i end end
  table.insert(rows, at, row)
  return row
end

-- The process or thread of an event. under: its calls that have not
-- returned, by their number.
function Walk:proc(e)
  local one, procs = who(e), self.scene.procs
  local id = e.role .. (one and ' ' .. one or '')
  for _, p in ipairs(procs) do if p.id == id then return p end end
  local p = { id = id, at = #procs + 1, role = e.role, who = one, program = e.program,
    process = tcp.process_of(e), shown = '', under = {} }
  for i, other in ipairs(procs) do
    if other.process == p.process then p.of = p.of or i end
  end
  procs[p.at] = p
  return p
end

-- A new step of a process. Its number is the last.
function Walk:step(p, step)
  step.p, step.says, step.words, step.segments = p.at, {}, {}, {}
  table.insert(self.scene.steps, step)
  return step, #self.scene.steps
end

-- The latest step of a process or, if the record does not say of which, of
-- its role.
function Walk:latest(p, role)
  local steps = self.scene.steps
  for i = #steps, 1, -1 do
    if steps[i].p == p.at or role and self.scene.procs[steps[i].p].role == role then return steps[i], i end
  end
  return self:step(p, {})
end

-- Notes with a step which tables of descriptors are not as they were.
function Walk:settle(step)
  for i, p in ipairs(self.scene.procs) do
    local list, words = {}, {}
    for fd, s in pairs(not p.over and self.kernels.tables[p.process] or {}) do
      list[#list + 1] = { fd = fd, state = s.state, here = s.here, peer = s.peer,
        unread = s.unread, waiting = s.queue and #s.queue, backlog = s.backlog }
    end
    table.sort(list, function(a, b) return a.fd < b.fd end)
    for j, s in ipairs(list) do
      words[j] = table.concat({ s.fd, s.state, s.here, s.peer, s.unread, s.waiting or '' }, ' ')
    end
    local now = table.concat(words, '\n')
    if not p.of and now ~= p.shown then
      p.shown = now
      step.tables = step.tables or {}
      step.tables[i] = list
    end
  end
end

-- Whether the next thing that a process does is to end, and the segment is
-- from a socket that it holds or listens with.
function Walk:ends_with(p, e, i)
  local held = p.over
  for _, s in pairs(self.kernels.tables[p.process] or {}) do
    held = held or goes_from(s, e) or s.state == 'LISTEN' and s.here == e.here
  end
  for j = i + 1, held and self.last or 0 do
    if self.events[j].role == p.role then return self.events[j].kind == 'end' end
  end
end

-- Why a kernel sends something: the process, and its call under way if it
-- is for that. An answer belongs to what it answers.
function Walk:cause(e, role, i)
  local reset = e.call:match 'RST'
  for _, p in ipairs(answers(e) and {} or self.scene.procs) do
    for _, call in pairs(p.under) do
      local fds, fd = self.kernels.tables[p.process], tonumber(call.event.arguments:match '^%d+')
      if sends[call.event.call] and (not reset or call.event.call == 'close')
          and fds and fds[fd] and goes_from(fds[fd], e) then return p, call end
    end
  end
  for _, p in ipairs(answers(e) and {} or self.scene.procs) do
    if p.role == role and self:ends_with(p, e, i) then
      if not p.over then
        p.over = {}
        p.over.step, p.over.number = self:step(p, { ends = '' })
      end
      return p, p.over
    elseif p.role == role and not reset then
      return p
    end
  end
  return self.sender, self.sending
end

local on = {} -- what the walk does on each kind of event

function on.scene(w, e)
  w.scene.name = e.text:match '^([^:]+):' or ''
  w.scene.title = e.text:gsub('^[%w-]+: ', '')
end

function on.start(w, e, p)
  local step, n = w:step(p, { start = e.program })
  w:put('start', e.role, '', n, { program = e.program })
  w:settle(step)
end

function on.before(w, e, p)
  if e.call == 'getchar' then return end
  p.under[e.number] = { event = e, rows = {} }
  w.calling[e.role] = e
end

function on.blocks(w, e, p, after)
  if after.kind == 'call' and after.role == e.role and who(after) == p.who then return end
  local call = p.under[e.number] or { event = e, rows = {} }
  p.under[e.number] = call
  call.step, call.number = w:step(p, { call = e, blocks = e.text:gsub('^… ', '') })
  w:put('call', e.role, call_text(e), call.number, { open = true, of = e.call, who = p.who }, call.first)
  w:sent(call)
  w:settle(call.step)
end

-- What was sent for a call before it had a step gets that step.
function Walk:sent(call)
  for _, row in ipairs(call.rows) do
    row.step = call.number
    table.insert(call.step.segments, row)
  end
  call.rows = {}
end

function on.call(w, e, p)
  local call = p.under[e.number] or { event = e, rows = {} }
  p.under[e.number], w.calling[e.role] = nil, nil
  local step, n = w:step(p, { call = e, result = result_text(e), back = call.step and true })
  if step.back then
    w:put('result', e.role, result_text(e), n, { of = e.call, who = p.who })
  else
    w:put('call', e.role, call_text(e) .. ' ' .. result_text(e), n, { of = e.call, who = p.who,
      number = e.number, told = e.call .. '(' .. e.arguments .. ')' .. e.result }, call.first)
  end
  call.step, call.number = step, n
  w:sent(call)
  if e.call == 'fork' and tonumber(e.result) and tonumber(e.result) > 0 then
    w.children[e.role] = (w.children[e.role] or 0) + 1
    w.children[e.role .. e.result] = e.role .. ' child ' .. w.children[e.role]
  elseif e.call:match '^wait' then
    for i, other in ipairs(w.scene.procs) do
      if other.id == w.children[e.role .. e.result] then step.gone = i end
    end
  end
  w:settle(step)
end

function on.kernel(w, e, p)
  local step, n = w:latest(p)
  if e.call == 'getchar' and not step.hold then step, n = w:step(p, { hold = true }) end
  w:put('state', e.role, state_text(e), n, { who = p.who })
  local ends = e.here .. ' ↔ ' .. e.peer
  if e.peer ~= '' and not w.seen[e.role .. ends] then
    w.seen[e.role .. ends] = true
    w:put('addresses', e.role, ends, n, { who = p.who })
  end
  w:settle(step)
end

function on.means(w, e, p) table.insert(w:latest(p).says, e.text) end
on.error = on.means

function on.came(w, e, p, after)
  local step, n = w:latest(p)
  table.insert(step.says, e.text)
  if e.descriptor == '' and after.kind ~= 'kernel' then w:put('came', e.role, e.text, n, { who = p.who }) end
end

function on.known(w, e, p)
  local step, n = w:step(p, {})
  table.insert(step.says, e.text)
  w:put('known', e.role, e.text, n, { who = p.who })
end

-- Notes of the scene have no role: they belong to what was just to be seen.
function on.note(w, e, p)
  local steps = w.scene.steps
  local step = p and w:latest(p) or steps[#steps]
  if step then table.insert(step.says, e.text) end
end

function on.words(w, e, p)
  local text = e.text:gsub('\\x0A$', '')
  if text == '' then return end
  local step, n = w:latest(p, e.thread == '' and e.role)
  table.insert(step.words, { text = text, typed = e.kind == 'typed' })
  w:put('words', e.role, text, n)
end
on.typed = on.words

-- `call`: what the kernel sends this for, and what it is given to.
function on.segment(w, e, cause, call)
  local row = w:put('segment', w.owner(e.here, e.peer, w.calling), segment_text(e), nil,
    { to = w:side(w.owner(e.peer, e.here, w.calling)), plain = e.call == 'ACK' and e.length == '0' })
  if not answers(e) then w.sender, w.sending = cause, call end
  local step
  if call then
    call.first = call.first or row
    if not call.step then return table.insert(call.rows, row) end
    step, row.step = call.step, call.number
  else
    step, row.step = w:latest(cause or w.scene.procs[1])
  end
  table.insert(step.segments, row)
  w:settle(step)
end

on['end'] = function(w, e, p)
  p.over = p.over or {}
  if not p.over.step then p.over.step, p.over.number = w:step(p, {}) end
  p.over.step.ends = e.result
  local how = e.result ~= '0' and e.result ~= '' and 'ends, status ' .. e.result or 'ends'
  w:put('ends', e.role, how, p.over.number, nil, p.over.first)
  w:settle(p.over.step)
end

local printed = { title = true, blocks = true, call = true, known = true, means = true, came = true, error = true,
  kernel = true, words = true, typed = true, note = true }

local function scene_of(events, first, last)
  local w = walk_of(events, first, last)
  for i = first, last do
    local e, after = events[i], events[i + 1] or {}
    local p, call
    if e.kind == 'segment' then -- before the kernels have seen it
      p, call = w:cause(e, w.owner(e.here, e.peer, w.calling), i)
    elseif e.role ~= '' and e.kind ~= 'scene' then
      p = w:proc(e)
    end
    w.kernels.see(e)
    if printed[e.kind] then table.insert(w.scene.lines, e) end
    if on[e.kind] then on[e.kind](w, e, p, e.kind == 'segment' and call or after) end
  end
  return w.scene
end

-- The scenes of a run, and its events; nil if there is no such run. Several
-- chapters ask for the same.
local walked = {}

local function scenes_of(path)
  if not walked[path] then
    local events = events_of(path)
    if not events then return end
    local scenes, first = {}, 1
    for i = 1, #events do
      if i == #events or events[i + 1].kind == 'scene' then
        scenes[#scenes + 1] = scene_of(events, first, i)
        first = i + 1
      end
    end
    walked[path] = { scenes, events }
  end
  return table.unpack(walked[path])
end

-- A copy of a scene in which consecutive calls that earlier lessons have made
-- are one row; of the kernel's states in between, the last stays. known:
-- which lesson first showed a call.
local function folded(scene, known)
  local rows, i = {}, 1
  while i <= #scene.rows do
    local row, calls, from, last, j = scene.rows[i], {}, '', nil, i
    while scene.rows[j] and scene.rows[j].side == row.side and scene.rows[j].who == row.who
        and (scene.rows[j].told and known[scene.rows[j].told]
          or #calls > 0 and scene.rows[j].kind == 'state') do
      local this = scene.rows[j]
      if this.told then
        calls[#calls + 1] = this.of
        from = math.max(tonumber(from) or 0, known[this.told])
      else
        last = this
      end
      j = j + 1
    end
    if #calls > 1 then
      rows[#rows + 1] = { kind = 'known', side = row.side, who = row.who,
        text = ('%s: as in %02d'):format(table.concat(calls, ', '), from), step = row.step }
      rows[#rows + 1] = last
      i = j
    else
      rows[#rows + 1] = row
      i = i + 1
    end
  end
  return setmetatable({ rows = rows }, { __index = scene })
end

-- Finds what a run explains for the first time. Returns for each scene the
-- process and number of these calls; and the set of their explanations, digits
-- masked. told: the explanations of earlier runs.
local function explained(events, told)
  local new, scene, here = {}, 0, {}
  for _, e in ipairs(events) do
    if e.kind == 'scene' then scene = scene + 1 end
    if e.kind == 'means' or e.kind == 'error' or e.kind == 'came' and e.length == '' then
      local words = e.text:gsub('%d+', '#')
      if not told[words] and not here[words] then
        here[words] = true
        new[scene] = new[scene] or {}
        new[scene][e.role .. (who(e) and ' ' .. who(e) or '') .. e.number] = true
      end
    end
  end
  return new, here
end

-- The sources that a run of one's own programs keeps: by program, its lines.
local function sources_of(events)
  local sources = {}
  for _, e in ipairs(events) do
    if e.kind == 'source' then
      sources[e.program] = sources[e.program] or {}
      table.insert(sources[e.program], e.text)
    end
  end
  return sources
end

-- Adds a lesson's run to `known` and `told`.
local function learn(scenes, events, lesson, known, told)
  for _, scene in ipairs(scenes) do
    for _, row in ipairs(scene.rows) do
      if row.told then known[row.told] = known[row.told] or lesson end
    end
  end
  local _, here = explained(events, told)
  for words in pairs(here) do told[words] = true end
end

return { who = who, events_of = events_of, scenes_of = scenes_of, sources_of = sources_of, folded = folded, explained = explained, learn = learn }
