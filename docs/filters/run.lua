-- run.lua: reads a run of docs/runs as rows, in the order in which things
-- happened. scripts/play/runs.c explains the fields of an event.
--
-- A run is a list of scenes. A scene has a title, its sides (the roles, and
-- `else` if segments go to a program that the run does not show) and its
-- rows. A row has a kind, a side and its text:
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
local common = require 'common'
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

-- A call with its arguments; a long string is cut.
local function call_text(event)
  local arguments = event.arguments:gsub('("[^"]*")%.*', function(string)
    local cut = utf8.offset(string, 16)
    if utf8.len(string) <= 17 then return end
    return string:sub(1, cut - 1):gsub('\\$', '') .. '…"'
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

-- Whether the words at `i` only tell the reader what to do next: after
-- them the program waits for Enter.
local function prompts(events, i)
  local role = events[i].role
  while events[i] and events[i].role == role and events[i].kind == 'words' do i = i + 1 end
  local event = events[i]
  return event and event.role == role and event.kind == 'before' and event.call == 'getchar'
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

-- A call that did not block stands before the segments that it caused. They
-- are those at the end that no call has claimed, if this side sent the first.
local function place(rows, side)
  local at = #rows
  while at > 0 and rows[at].kind == 'segment' and not rows[at].claimed do at = at - 1 end
  local own = rows[at + 1] and rows[at + 1].side == side
  for i = at + 1, #rows do rows[i].claimed = true end
  return own and at + 1 or #rows + 1
end

local function scene_of(events, first, last)
  local scene = { sides = {}, rows = {}, title = '' }
  local rows, waiting, calling, seen = scene.rows, {}, {}, {} -- seen: sides, and ends of connections
  local owner = owners_of(events, first, last)
  local function side(role)
    if not seen[role] then
      seen[role] = true
      table.insert(scene.sides, role)
    end
    return role
  end
  local function put(kind, role, text, more)
    local row = more or {}
    row.kind, row.side, row.text = kind, side(role), text
    table.insert(rows, row.at or #rows + 1, row)
  end
  for i = first, last do
    local e, after = events[i], events[i + 1] or {}
    local one = who(e)
    local waits = e.role .. ' ' .. (one or '') -- each of these blocks alone
    if e.kind == 'scene' then
      scene.title = e.text:gsub('^[%w-]+: ', '')
    elseif e.kind == 'start' then
      put('start', e.role, '', { program = e.program })
    elseif e.kind == 'before' and e.call ~= 'getchar' then
      calling[e.role] = e
    elseif e.kind == 'blocks' then
      if after.kind ~= 'call' or after.role ~= e.role or who(after) ~= one then
        waiting[waits] = e.number
        put('call', e.role, call_text(e), { open = true, of = e.call, who = one })
      end
    elseif e.kind == 'call' then
      calling[e.role] = nil
      if waiting[waits] == e.number then -- not what a handler calls meanwhile
        waiting[waits] = nil
        place(rows, e.role)
        put('result', e.role, result_text(e), { of = e.call, who = one })
      else
        put('call', e.role, call_text(e) .. ' ' .. result_text(e), { at = place(rows, e.role),
          of = e.call, who = one, number = e.number, told = e.call .. '(' .. e.arguments .. ')' .. e.result })
      end
    elseif e.kind == 'kernel' then
      put('state', e.role, state_text(e), { who = one })
      local ends = e.here .. ' ↔ ' .. e.peer
      if e.peer ~= '' and not seen[e.role .. ends] then
        seen[e.role .. ends] = true
        put('addresses', e.role, ends, { who = one })
      end
    elseif e.kind == 'came' and e.descriptor == '' and after.kind ~= 'kernel' then
      put('came', e.role, e.text, { who = one })
    elseif e.kind == 'known' then
      put('known', e.role, e.text, { who = one })
    elseif e.kind == 'typed' or e.kind == 'words' and not prompts(events, i) then
      local text = e.text:gsub('\\x0A$', '')
      if text ~= '' then put('words', e.role, text) end
    elseif e.kind == 'segment' then
      local from, to = owner(e.here, e.peer, calling), owner(e.peer, e.here, calling)
      put('segment', from, segment_text(e), { to = side(to), plain = e.call == 'ACK' and e.length == '0' })
    elseif e.kind == 'end' then
      local how = e.result ~= '0' and e.result ~= '' and 'ends, status ' .. e.result or 'ends'
      put('ends', e.role, how, { at = place(rows, e.role) })
    end
  end
  return scene
end

-- The scenes of a run; nil if there is no such run.
local function scenes_of(path)
  local events = events_of(path)
  if not events then return end
  local scenes, first = {}, 1
  for i = 1, #events do
    if i == #events or events[i + 1].kind == 'scene' then
      scenes[#scenes + 1] = scene_of(events, first, i)
      first = i + 1
    end
  end
  return scenes, events
end

-- Joins consecutive calls that earlier lessons have made into one row; of
-- the kernel's states in between, the last stays. known: which lesson first
-- showed a call.
local function fold(scene, known)
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
        text = ('%s: as in %02d'):format(table.concat(calls, ', '), from) }
      rows[#rows + 1] = last
      i = j
    else
      rows[#rows + 1] = row
      i = i + 1
    end
  end
  scene.rows = rows
end

-- Finds what a run explains for the first time. Returns for each scene the
-- role and number of these calls; and the set of their explanations, digits
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
        new[scene][e.role .. e.number] = true
      end
    end
  end
  return new, here
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

return { events_of = events_of, scenes_of = scenes_of, fold = fold, explained = explained, learn = learn }
