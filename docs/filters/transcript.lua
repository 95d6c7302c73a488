-- transcript.lua: recorded output, of two sides or unchanged.
--
-- If the run has two sides, a ladder shows it, and paper adds only those
-- calls about which something is explained for the first time. Otherwise a
-- call is known if an earlier chapter's output has it word for word, with
-- all that was said about it, or if this output has it twice already. On
-- paper, consecutive known calls are one line that says where they first
-- stood. The web page shows everything.
local common = require 'common'
local run = require 'run'
local ladder = require 'ladder'
local figures = require 'figures'
local book, stop, html = common.book, common.stop, common.html
local escape, read, lines_of, part = common.escape, common.read, common.lines_of, common.part

local function recorded(file)
  local text = read(book.meta.transcripts .. '/' .. file .. '.txt')
  if not text then
    stop('docs/transcripts/%s.txt is not there: record it with scripts/record,'
      .. ' or mend the marker', file)
  end
  return lines_of(text)
end

-- The kind of a lesson's line, for its style: the call, its meaning, the
-- kernel's state; a wrapped line has the kind of the one before. The
-- program's own output begins at the left edge.
local function kind_of(line, before)
  if line == '' then return 'blank' end
  if line:match '^[ %d][ %d]%d  [%l_]+%(' then return 'call' end
  if line:match '^     kernel:' then return 'kernel' end
  if line:match '^             %S' and before == 'kernel' then return before end
  if line:match '^         %S' and before == 'call' then return before end
  if line:match '^     ' then return 'meaning' end
  return 'own'
end

-- A recording as a list of turns: who spoke, and the lines in blocks. A
-- block begins with a call, or where the program's own output begins.
local function turns_of(file)
  local turns, sides, count = {}, {}, 0
  local turn, block, kind
  for _, line in ipairs(recorded(file)) do
    local name, rest = line:match '^%s*([%a][%w_ -]-)| ?(.*)$'
    if not name then
      turn = nil
      if line ~= '' then turns[#turns + 1] = { scene = line } end
    else
      if not sides[name] then
        count = count + 1
        sides[name] = line:match '^%s' and 'right' or count % 2 == 1 and 'left' or 'right'
      end
      if not turn or turn.who ~= name then
        turn = { who = name, side = sides[name], blocks = {} }
        turns[#turns + 1] = turn
        block = nil
      end
      local this = kind_of(rest, kind)
      if not block or rest:match '^[ %d][ %d]%d  [%l_]+%(' or
          (this == 'own' or this == 'blank') ~= block.own then
        block = { own = this == 'own' or this == 'blank', kinds = {} }
        table.insert(turn.blocks, block)
      end
      kind = this
      block[#block + 1] = rest
      block.kinds[#block] = kind
    end
  end
  return turns
end

-- The words of a block, without the call's number.
local function words_of(block)
  return (table.concat(block, '\n'):gsub('^ *%d+', ''))
end

local told = {} -- words of a block: the chapter that had them first
local remembered = 0 -- chapters up to this one are in `told`

-- The earlier chapter that had this block, or nil. A chapter may repeat its
-- own subject: there a block is known from the third time on.
local function known_from(block, chapter, times)
  if block.own then return end
  local words = words_of(block)
  times[words] = (times[words] or 0) + 1
  local from = told[words]
  if from and from < chapter then return from end
  return times[words] > 2 and chapter
end

local function remember(turns, chapter)
  for _, turn in ipairs(turns) do
    for _, block in ipairs(turn.blocks or {}) do
      if not block.own then told[words_of(block)] = told[words_of(block)] or chapter end
    end
  end
end

-- A block: neighbouring lines of one kind stand together; on the screen each
-- alone, because a line that is too wide continues with an indent. Beside a
-- ladder, which shows what the kernel holds, only the web page repeats that.
local function block_html(block, beside_ladder)
  local out, run = {}, {}
  for i, line in ipairs(block) do
    local kind = block.kinds[i]
    run[#run + 1] = line == '' and ' ' or escape(line)
    if block.kinds[i + 1] ~= kind then
      local lines = table.concat(run, '\n' .. part('next-line', { class = kind }))
      lines = part('lines', { class = kind, lines = lines })
      out[#out + 1] = beside_ladder and kind == 'kernel' and part('screen-part', { part = lines }) or lines
      run = {}
    end
  end
  return table.concat(out)
end

-- Consecutive known calls as one line, each name once.
local function in_short(blocks, from)
  local names, seen = {}, {}
  for _, block in ipairs(blocks) do
    local name = block[1]:match '([%l_]+)%('
    if not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  local first, last = blocks[1][1]:match '%d+', blocks[#blocks][1]:match '%d+'
  return part('short', { lines = ('%3s%s  %s: %s'):format(
    first, first ~= last and '–' .. last or '', table.concat(names, ', '), from) })
end

-- Beside a ladder: paper has only what is explained for the first time.
local function news_html(turn, new)
  local out = {}
  for _, block in ipairs(turn.blocks) do
    local text = part('turn', { class = turn.side, who = escape(turn.who), lines = block_html(block, true) })
    local number = block[1]:match '^ *(%d+) '
    out[#out + 1] = number and new[turn.who .. number] and not block[1]:match ' … ' and text
      or part('screen-part', { part = text })
  end
  return table.concat(out)
end

local function turn_html(turn, chapter)
  local out, known, from, times = {}, {}, nil, {}
  local function flush()
    if #known == 0 then return end
    local all = {}
    for i, block in ipairs(known) do all[i] = block_html(block) end
    out[#out + 1] = in_short(known, from == chapter and 'as above' or ('as in %02d'):format(from))
      .. part('screen', { lines = table.concat(all) })
    known = {}
  end
  for _, block in ipairs(turn.blocks) do
    local this = known_from(block, chapter, times)
    if (this == chapter) ~= (from == chapter) then flush() end
    if this and block[1]:match '%(' then
      known[#known + 1], from = block, #known == 0 and this or math.max(from, this)
    else
      flush()
      out[#out + 1] = block_html(block)
    end
  end
  flush()
  -- Each piece names its side, because a page may break before any of them.
  local pieces = {}
  for i, words in ipairs(out) do
    pieces[i] = part('turn', { class = turn.side .. (i > 1 and ' on' or ''),
      who = escape(turn.who), lines = words })
  end
  return table.concat(pieces)
end

-- What the runs of all lessons before a chapter have shown and explained.
local learnt = { upto = 0, known = {}, told = {} }

local function learnt_before(chapter)
  if chapter <= learnt.upto then learnt = { upto = 0, known = {}, told = {} } end
  for earlier = learnt.upto + 1, chapter - 1 do
    local scenes, events = run.scenes_of(('%s/%02d'):format(book.meta.runs, earlier))
    if scenes then run.learn(scenes, events, earlier, learnt.known, learnt.told) end
  end
  learnt.upto = chapter - 1
  return learnt.known, learnt.told
end

-- The ladder of a run, which of its calls are explained for the first time,
-- and its scenes; nil if it has no ladder.
local function ladder_of(file, chapter)
  local scenes, events = run.scenes_of(book.meta.runs .. '/' .. file)
  if not scenes then return end
  local known, told = learnt_before(chapter)
  for _, scene in ipairs(scenes) do run.fold(scene, known) end
  local images = ladder.images(scenes)
  if #images > 0 then return images, run.explained(events, told), scenes end
end

local legend = ' Full lines are segments, dashed ones carry nothing but an ACK; a bar says that the call'
  .. ' blocks, and bold words what the kernel holds.'

-- A scene beside the lessons (03-queue) has a run and no transcript.
local function transcript(file)
  local out, chapter = {}, tonumber(file:match '^%d+')
  local turns = file:match '-' and {} or turns_of(file)
  for earlier = remembered + 1, chapter - 1 do
    local name = ('%02d'):format(earlier)
    if read(book.meta.transcripts .. '/' .. name .. '.txt') then
      remember(turns_of(name), earlier)
    end
  end
  remembered = math.max(remembered, chapter - 1)
  local images, new, scenes = ladder_of(file, chapter)
  local scene, some = 0, false
  for _, turn in ipairs(turns) do
    if turn.scene then
      local typed = turn.scene:match '^%$ '
      if not typed then scene = scene + 1 end
      local text = part('scene', { class = typed and 'typed' or 'scene',
        text = escape(turn.scene:gsub('^=+ *', ''):gsub(' *=+$', '')) })
      out[#out + 1] = images and (typed or #scenes == 1 or not new[scene]) and part('screen-part', { part = text }) or text
    else
      local news = images and new[scene]
      some = some or news
      out[#out + 1] = images and news_html(turn, news or {}) or turn_html(turn, chapter)
    end
  end
  local values = { name = escape(file), turns = table.concat(out) }
  if not images then return pandoc.List { html(part('transcript', values)) } end
  local titles = {}
  for i, each in ipairs(scenes) do titles[i] = each.title end
  local title = table.concat(titles, '; then ')
  if #images < #scenes then title = 'the same client, several servers' end -- side by side
  local blocks = figures.drawn('ladder-' .. file, ('scripts/demo %s: %s.%s'):format(file, title, legend), images)
  legend = '' -- with the first ladder only
  if #turns > 0 then blocks:insert(html(part(some and 'transcript' or 'transcript-screen', values))) end
  return blocks
end

local function dump(file)
  local out, lines = {}, recorded(file)
  local class = #lines > 60 and 'long' or #lines < 15 and 'brief' or ''
  for i, line in ipairs(lines) do
    out[i] = line:match '^%$ ' and '<b>' .. escape(line) .. '</b>' or escape(line)
    if class == 'long' then -- empty lines get half the height
      out[i] = line == '' and '<span class="blank">\n</span>' or out[i] .. '\n'
    end
  end
  return pandoc.List { html(part('dump', { class = class,
    lines = table.concat(out, class ~= 'long' and '\n' or '') })) }
end

return { transcript = transcript, dump = dump }
