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
local steps = require 'steps'
local figures = require 'figures'
local book, stop, html = common.book, common.stop, common.html
local escape, read, lines_of, part = common.escape, common.read, common.lines_of, common.part

-- The lines of an event, and what they are, for their style: the call, its
-- meaning, the kernel's state, or the program's own output.
local kinds = { blocks = 'call', call = 'call', known = 'call', means = 'meaning', came = 'meaning', error = 'failed',
  kernel = 'kernel' }

local function lines_of_event(e)
  if e.kind == 'title' then return { e.text, '' } end
  if e.kind == 'known' and (tonumber(e.length) or 1) > 1 then
    return { ('%3d to %d  %s'):format(e.number, e.number + e.length - 1, e.text) }
  elseif e.kind == 'known' then
    return { ('%3d  %s'):format(e.number, e.text) }
  elseif kinds[e.kind] == 'call' then
    return { ('%3d  %s(%s) %s'):format(e.number, e.call, e.arguments, e.text) }
  end
  return { (e.text:gsub('\\x0A$', '')) } -- a line that was typed has its newline
end

-- A scene as a list of turns: who spoke, and the lines in blocks. A block
-- begins with a call, or where the program's own output begins. A note of
-- the scene is nobody's turn.
local function turns_of(scene)
  local turns, sides, count = {}, {}, 0
  local turn, block
  for _, e in ipairs(scene.lines) do
    if e.role == '' then
      turn = nil
      turns[#turns + 1] = { note = e.text }
    else
      local one, kind = run.who(e), kinds[e.kind]
      if not sides[e.role] then
        count = count + 1
        sides[e.role] = count == 1 and 'left' or 'right'
      end
      if not turn or turn.role ~= e.role or turn.one ~= one then
        turn = { role = e.role, one = one, who = e.role .. (one and ' ' .. one or ''), blocks = {},
          side = sides[e.role] .. (one and ' one' or '') }
        turns[#turns + 1] = turn
        block = nil
      end
      if not block or kind == 'call' or (kind == nil) ~= block.own then
        block = { own = kind == nil, call = kind == 'call' and e or nil, lines = {} }
        table.insert(turn.blocks, block)
      end
      for _, line in ipairs(lines_of_event(e)) do
        table.insert(block.lines, { text = line, kind = kind or line == '' and 'blank' or 'own' })
      end
    end
  end
  return turns
end

local function dumped(file)
  local text = read(book.meta.transcripts .. '/' .. file .. '.txt')
  if not text then
    stop('docs/transcripts/%s.txt is not there: record it with scripts/dev/recording/look,'
      .. ' or mend the marker', file)
  end
  return lines_of(text)
end

-- The words of a block, without the call's number.
local function words_of(block)
  local words = {}
  for i, line in ipairs(block.lines) do words[i] = line.text end
  return (table.concat(words, '\n'):gsub('^ *%d+', ''))
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

-- A block, each line by itself: one that is too wide goes on further in.
-- Beside a ladder, which shows what the kernel holds, only the web page
-- repeats that.
local function block_html(block, beside_ladder)
  local out = {}
  for i, line in ipairs(block.lines) do
    local html_of = part('lines', { class = line.kind, lines = line.text == '' and ' ' or escape(line.text) })
    out[i] = beside_ladder and line.kind == 'kernel' and part('screen-part', { part = html_of }) or html_of
  end
  return table.concat(out)
end

-- Whose turn it is; its name breaks before `child 1`.
local function label_of(turn)
  return escape(turn.role .. (turn.one and ' ' .. turn.one:gsub(' ', '\u{A0}') or ''))
end

-- Consecutive known calls as one line, each name once.
local function in_short(blocks, from)
  local names, seen = {}, {}
  for _, block in ipairs(blocks) do
    local name = block.call.call
    if not seen[name] then names[#names + 1] = name end
    seen[name] = true
  end
  local first, last = blocks[1].call.number, blocks[#blocks].call.number
  return part('short', { lines = ('%3s%s  %s: %s'):format(
    first, first ~= last and '–' .. last or '', table.concat(names, ', '), from) })
end

-- Beside a ladder: paper has only what is explained for the first time.
local function news_html(turn, new)
  local out = {}
  for _, block in ipairs(turn.blocks) do
    local text = part('turn', { class = turn.side, who = label_of(turn), lines = block_html(block, true) })
    local call = block.call
    out[#out + 1] = call and call.kind == 'call' and new[turn.who .. call.number] and text
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
    if this and block.call and block.call.call ~= '' then
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
      who = label_of(turn), lines = words })
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

-- On the screen, the step player stands around what shows the whole run.
local function stepped(file, scenes, events, blocks)
  if not book.meta.steps then return blocks end
  local out = assert(io.open(('%s/%s.js'):format(book.meta.steps, file), 'wb'))
  out:write((steps.script(file, scenes, run.sources_of(events))))
  out:close()
  blocks:insert(1, html(part('steps', { run = escape(file) })))
  blocks:insert(html(part 'steps-end'))
  return blocks
end

local legend = ' Full lines are segments, dashed ones carry nothing but an ACK; a bar says that the call'
  .. ' blocks, and bold words what the kernel holds.'

-- beside: a scene that only the screen shows.
local function transcript(file, beside)
  local chapter = tonumber(file:match '^%d+')
  local scenes, events = run.scenes_of(book.meta.runs .. '/' .. file)
  if not scenes then
    stop('docs/runs/%s is not there: record it with scripts/dev/record, or mend the marker', file)
  end
  for earlier = remembered + 1, chapter - 1 do
    for _, scene in ipairs(run.scenes_of(('%s/%02d'):format(book.meta.runs, earlier)) or {}) do
      remember(turns_of(scene), earlier)
    end
  end
  remembered = math.max(remembered, chapter - 1)
  local known, told = learnt_before(chapter)
  -- Of a scene beside the lessons (13-frames), paper has the ladder alone.
  local new = file:match '-' and {} or run.explained(events, told)
  local drawn, titles, out, some = {}, {}, {}, false
  for i, scene in ipairs(scenes) do drawn[i], titles[i] = run.folded(scene, known), scene.title end
  local images = ladder.images(drawn)
  local laddered = #images > 0
  -- Beside a ladder, paper has of these lines only what is new.
  local function say(class, text, always)
    text = part('scene', { class = class, text = escape(text) })
    out[#out + 1] = (always or not laddered) and text or part('screen-part', { part = text })
  end
  local own = scenes[1].name == 'yours' -- programs of one's own
  local command = 'scripts/demo ' .. (own and '-- ./' .. scenes[1].title:gsub(', ', ' :: ./') or file)
  say('typed', '$ ' .. command)
  for i, scene in ipairs(scenes) do
    say('scene', scene.title, #scenes > 1 and new[i])
    some = some or new[i]
    for _, turn in ipairs(turns_of(scene)) do
      if turn.note then say('scene', turn.note)
      else out[#out + 1] = laddered and news_html(turn, new[i] or {}) or turn_html(turn, chapter) end
    end
  end
  local values = { name = escape(file), turns = table.concat(out) }
  if not laddered then return stepped(file, scenes, events, pandoc.List { html(part('transcript', values)) }) end
  local title = table.concat(titles, '; then ')
  if #images < #scenes then title = 'the same client, several servers' end -- side by side
  local blocks = figures.drawn('ladder-' .. file, own and command .. '.' or ('%s: %s.%s'):format(command, title,
    beside and '' or legend), images, beside)
  if not beside then legend = '' end -- with the first ladder only
  blocks:insert(html(part(some and 'transcript' or 'transcript-screen', values)))
  return stepped(file, scenes, events, blocks)
end

-- All of a run by itself: its ladder, and every line that was told.
local function whole(name, scenes)
  local out, blocks = {}, pandoc.List {}
  for _, scene in ipairs(scenes) do
    out[#out + 1] = part('scene', { class = 'scene', text = escape(scene.title) })
    for _, turn in ipairs(turns_of(scene)) do
      local lines = {}
      for i, block in ipairs(turn.blocks or {}) do lines[i] = block_html(block) end
      out[#out + 1] = turn.note and part('scene', { class = 'scene', text = escape(turn.note) })
        or part('turn', { class = turn.side, who = label_of(turn), lines = table.concat(lines) })
    end
  end
  local images = ladder.images(scenes)
  if #images > 0 then blocks = figures.drawn('ladder-' .. name, name .. ': ' .. scenes[1].title .. '.' .. legend, images, true) end
  blocks:insert(html(part('transcript', { name = escape(name), turns = table.concat(out) })))
  return blocks
end

-- The run of a scene beside the lessons, which has no place on paper: no entry
-- of the index may lead there.
local function beside(file, words)
  local out = pandoc.List {}
  if not book.meta.steps then return out end
  out:insert(html('<!--s-->' .. pandoc.write(pandoc.Pandoc(words), 'html')))
  out:extend(transcript(file, true))
  out:insert(html '<!--/s-->')
  return out
end

local function dump(file)
  local out, lines = {}, dumped(file)
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

return { transcript = transcript, whole = whole, beside = beside, dump = dump }
