-- prose.lua: boxes, margin notes, footnotes, names in capitals.
local common = require 'common'
local number = require 'numbers'.number
local book, html, inline, escape = common.book, common.html, common.inline, common.escape

local titles = { tryit = '', note = 'Note', warning = 'Careful' }

local function boxed(div)
  for class, title in pairs(titles) do
    if div.classes:includes(class) then
      local label = div.attributes.title or title
      div.attributes.title = nil
      div.classes:insert 'box'
      if class == 'tryit' and book.meta.steps then
        div.attributes.chapter = ('%02d'):format(number.file) -- for its answers
      end
      if label ~= '' then
        div.content:insert(1, html('<p class="label">' .. escape(label) .. '</p>'))
      end
      return div
    end
  end
end

-- A margin note becomes a block before its paragraph: a float inside a line
-- makes WeasyPrint set that line too long. The blank after it goes with it. A
-- footnote becomes a span, which on paper floats to the foot of the page.
local function hoisted(p)
  local notes, rest, after = pandoc.List {}, pandoc.List {}, false
  for _, x in ipairs(p.content) do
    local blank = x.t == 'Space' or x.t == 'SoftBreak'
    if x.t == 'Span' and x.classes:includes 'side' then
      notes:insert(html '<div class="side" role="note">')
      notes:insert(pandoc.Plain(x.content))
      notes:insert(html '</div>')
    elseif not (after and blank) then
      rest:insert(x)
    end
    after = x.t == 'Span' and x.classes:includes 'side'
  end
  if #notes == 0 then return end
  notes:insert(pandoc.Para(rest))
  return notes
end

local function footnote(n)
  if book.epub then return end
  local out = pandoc.List { inline '<span class="fn">' }
  out:extend(pandoc.utils.blocks_to_inlines(n.content))
  out:insert(inline '</span>')
  return out
end

-- Names such as LISTEN and SIGPIPE must not be hyphenated.
local function capitals(s)
  if s.text:match '%u%u%u%u' then
    return pandoc.Span({ s }, pandoc.Attr('', { 'name' }))
  end
end

-- A line may end after a slash or a hyphen, but not in a path or an option:
-- who types `./` and `13_wiretap` gets an error.
local function unbroken(c)
  if book.epub or not c.text:find '[/-]' then return end
  return inline('<code>' .. escape(c.text):gsub('%S*[/-]%S*', '<span class="word">%0</span>')
    .. '</code>')
end

return { boxed = boxed, hoisted = hoisted, footnote = footnote,
  capitals = capitals, unbroken = unbroken }
