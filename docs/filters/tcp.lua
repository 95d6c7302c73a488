-- tcp.lua: a model of the kernels. It is given the events of one scene of
-- docs/runs, in their order (scripts/play/runs.c explains the fields), and
-- says what a kernel line has to show: the calls make sockets and give them
-- addresses, and the segments do the rest (RFC 9293, section 3.3.2). It
-- needs nothing of pandoc.
--
--   local kernels = require 'tcp'.new()
--   for each event e:
--     local predicted, shown = kernels.see(e)
--
-- Both are texts such as `ESTABLISHED, 23 bytes unread`, and nil for an
-- event that shows no socket. What the line shows is believed from then on.
--
-- Between two events kernels.tables holds what each process has: its name
-- (see process_of) leads to a table from descriptor to socket. A socket has
--
--   state     RFC 9293's name of its state, or UDP; CLOSED at first; of
--             AF_UNIX as the kernel line says it: UNIX, connected
--   here      its address, as the kernel line says it; '' if it has none yet
--   other     of AF_UNIX: the socket at the other end
--   peer      the other end's; '' if it is not connected
--   unread    bytes that recv would give; of UDP those of the next datagram
--   backlog   of LISTEN: the limit that was asked for, a number
--   queue     of one that listens: the connections that wait for accept,
--             oldest first

-- The process of an event: `server`, or `server child 2`. Its threads share
-- one table of descriptors.
local function process_of(e)
  local child = e.thread:match ' of (child %d+)$'
  return child and e.role .. ' ' .. child or e.role
end

local function thread_of(e) return e.role .. ' ' .. e.thread end

-- What happens to the side that sends a FIN, to the side that receives it,
-- and to the sender when its FIN is acknowledged.
local sends_fin = { ESTABLISHED = 'FIN-WAIT-1', ['CLOSE-WAIT'] = 'LAST-ACK' }
local has_fin = { ESTABLISHED = 'CLOSE-WAIT', ['FIN-WAIT-1'] = 'CLOSING', ['FIN-WAIT-2'] = 'TIME-WAIT' }
local fin_acknowledged = { ['FIN-WAIT-1'] = 'FIN-WAIT-2', ['LAST-ACK'] = 'CLOSED', CLOSING = 'TIME-WAIT' }

-- Whether a socket with the address `here` gets what is sent to `address`.
local function covers(here, address)
  local port = here:match '^every .*, port (%d+)$'
  return here == address or port and address:match ':(%d+)$' == port
end

local function new()
  local tables, sockets = {}, {} -- sockets: all that there ever were
  local closed = {} -- thread: the socket that it closed last
  local forked = {} -- role and number of a fork: the descriptors then

  local function socket(state, here, peer)
    local s = { state = state, here = here, peer = peer, unread = 0, datagrams = {} }
    sockets[#sockets + 1] = s
    return s
  end

  -- The youngest socket that has this address and this peer ('': none).
  local function at(here, peer)
    for i = #sockets, 1, -1 do
      local s = sockets[i]
      if s.peer == peer and covers(s.here, here) then return s end
    end
  end

  -- The socket that calls `address`: its latest call was made for that.
  local function calling(address)
    for _, s in ipairs(sockets) do if s.calls == address and s.state ~= 'SYN-SENT' then return s end end
  end

  local function datagram(e)
    local sender = calling(e.peer)
    if sender and sender.here == '' then sender.here = e.here end
    for _, s in ipairs(sockets) do
      if s.state == 'UDP' and covers(s.here, e.peer) and (s.peer == '' or s.peer == e.here) then
        table.insert(s.datagrams, tonumber(e.length))
        s.unread = s.datagrams[1]
      end
    end
  end

  -- Sockets of AF_UNIX need no segments: a call reaches the other end.
  local function pair(s, other)
    s.other, other.other = other, s
    s.state, other.state = 'UNIX, connected', 'UNIX, connected'
    s.peer, other.peer = other.here, s.here
  end

  local function connect(s, path)
    for i = #sockets, 1, -1 do
      if sockets[i].state == 'UNIX, listens' and sockets[i].here == path then
        local other = socket('UNIX', path, '')
        table.insert(sockets[i].queue, other)
        return pair(s, other)
      end
    end
  end

  local function syn(e)
    local s = at(e.here, e.peer) or calling(e.peer)
    if s then s.here, s.peer, s.state = e.here, e.peer, 'SYN-SENT' end
    local listener = at(e.peer, '')
    -- Linux admits one more than the backlog, and drops the SYN of others.
    if listener and listener.state == 'LISTEN' and #listener.queue <= listener.backlog then
      socket('SYN-RECEIVED', e.peer, e.here).listener = listener
    end
  end

  local function segment(e)
    if e.call == 'UDP' then return datagram(e) end
    if e.call == 'SYN' then return syn(e) end
    local from, to = at(e.here, e.peer) or {}, at(e.peer, e.here) or {}
    local length = tonumber(e.length)
    local seq, ack = tonumber(e.arguments:match 'seq (%d+)'), tonumber(e.arguments:match 'ack (%d+)')
    if e.call == 'SYN|ACK' then
      to.state = 'ESTABLISHED'
    elseif e.call:match 'RST' then
      from.state, to.state = 'CLOSED', 'CLOSED'
    else
      if to.state == 'SYN-RECEIVED' then
        to.state = 'ESTABLISHED'
        table.insert(to.listener.queue, to)
      end
      if to.fin and ack > to.fin then to.state = fin_acknowledged[to.state] or to.state end
      if e.call:match 'FIN' then
        from.fin = seq + length
        from.state = sends_fin[from.state] or from.state
        to.state = has_fin[to.state] or to.state
      end
      to.unread = (to.unread or 0) + length
    end
  end

  -- What a call that has succeeded does to its socket.
  local done = {}
  function done.socket(fds, _, e)
    local locally = e.arguments:match 'AF_UNIX'
    fds[tonumber(e.result)] = socket(locally and 'UNIX' or e.arguments:match 'SOCK_DGRAM' and 'UDP' or 'CLOSED',
      locally and 'no path' or '', '')
  end
  function done.connect(_, s, e)
    if s.state == 'UNIX' then connect(s, e.arguments:match '^%d+, (.*), %d+$') end
  end
  function done.send(_, s, e)
    if s.other then s.other.unread = s.other.unread + tonumber(e.result) end
  end
  done.sendto, done.sendmsg, done.write = done.send, done.send, done.send
  function done.bind(_, s, e) s.here = e.arguments:match '^%d+, (.*), %d+$' end
  function done.listen(_, s, e)
    s.queue = {}
    if s.state == 'UNIX' then
      s.state = 'UNIX, listens'
    else
      s.state, s.backlog = 'LISTEN', tonumber(e.arguments:match '(%d+)$')
    end
  end
  function done.accept(fds, s, e) fds[tonumber(e.result)] = table.remove(s.queue, 1) end
  function done.recv(_, s, e)
    if e.arguments:match 'MSG_PEEK' then return end
    table.remove(s.datagrams, 1)
    s.unread = s.state == 'UDP' and (s.datagrams[1] or 0) or s.unread - tonumber(e.result)
  end
  done.recvfrom, done.recvmsg, done.read = done.recv, done.recv, done.recv

  -- Whether a process has the socket.
  local function held(s)
    for _, fds in pairs(tables) do
      for _, other in pairs(fds) do if other == s then return true end end
    end
  end

  -- A listening socket ends with its last descriptor; a connection ends with
  -- its segments.
  local function let_go(fds, fd)
    local s = fds[fd]
    fds[fd] = nil
    if not held(s) and (s.peer == '' or s.state == 'UDP') then s.state = 'CLOSED' end
    if not held(s) and s.other then s.other.state = 'UNIX, connection over' end
  end

  function done.close(fds, s, e)
    closed[thread_of(e)] = s
    let_go(fds, tonumber(e.arguments:match '^%d+'))
  end

  -- A kernel line shows what is unread of streams alone.
  local function words(state, unread, waiting, backlog)
    return state .. (backlog and (', %s waiting, backlog %s'):format(waiting, backlog)
      or state ~= 'UDP' and unread > 0 and (', %d bytes unread'):format(unread) or '')
  end

  -- Compares a socket with its kernel line, and then believes the line.
  local function kernel(s, e)
    local state = e.state == '' and 'CLOSED' or e.state:gsub(' %(.*', '')
    local waiting, backlog = e.queue:match '^(%d+) waiting, backlog (%d+)'
    local unread = tonumber(e.queue:match '^(%d+) bytes? unread') or 0
    local predicted, shown
    if e.call == 'close' then
      predicted, shown = s.state, state
    else
      predicted = words(s.state, s.unread, s.queue and #s.queue, s.backlog)
      shown = words(state, unread, waiting, backlog)
      s.unread = state == 'UDP' and s.unread or unread
    end
    s.state = state
    if e.here ~= '' and e.here ~= 'no address yet' then s.here, s.peer = e.here, e.peer end
    return predicted, shown
  end

  local function see(e)
    local name, thread = process_of(e), thread_of(e)
    tables[name] = tables[name] or {}
    local fds, fd = tables[name], tonumber(e.arguments:match '^%d+')
    if e.kind == 'before' then
      local called = ({ connect = true, sendto = true })[e.call] and e.arguments:match ', ([^,]+), %d+$'
      if fds[fd] then fds[fd].calls = called end
      if e.call == 'fork' then
        forked[e.role .. e.number] = {}
        for each, s in pairs(fds) do forked[e.role .. e.number][each] = s end
      end
    elseif e.kind == 'segment' then
      segment(e)
    elseif e.kind == 'call' then
      if e.call == 'fork' and e.result == '0' then tables[name] = forked[e.role .. e.number] end
      if e.result ~= '-1' and done[e.call] and (e.call == 'socket' or fds[fd]) then
        done[e.call](fds, fds[fd], e)
      end
    elseif e.kind == 'means' and e.call == 'socketpair' then
      local ends = { e.text:match 'descriptor (%d+) comes out of (%d+)' }
      for i, each in ipairs(ends) do
        ends[i] = socket('UNIX', 'no path', '')
        fds[tonumber(each)] = ends[i]
      end
      if #ends == 2 then pair(ends[1], ends[2]) end
    elseif e.kind == 'kernel' then
      local s = e.call == 'close' and closed[thread] or fds[tonumber(e.descriptor)]
      if not s and e.call ~= 'close' and e.descriptor ~= '' then -- its calls are left out of the record
        fds[tonumber(e.descriptor)] = socket(e.state:gsub(' %(.*', ''), e.here, e.peer)
      end
      if s then return kernel(s, e) end
    elseif e.kind == 'end' then
      for each in pairs(fds) do let_go(fds, each) end
    end
  end

  return { see = see, tables = tables }
end

return { new = new, process_of = process_of }
