-- prose.lua: boxes, margin notes, footnotes, names in capitals.
local common = require 'common'
local book, html, inline, escape = common.book, common.html, common.inline, common.escape

local titles = { tryit = '', note = 'Note', warning = 'Careful' }

local function boxed(div)
  for class, title in pairs(titles) do
    if div.classes:includes(class) then
      local label = div.attributes.title or title
      div.attributes.title = nil
      div.classes:insert 'box'
      if label ~= '' then
        div.content:insert(1, html('<p class="label">' .. escape(label) .. '</p>'))
      end
      return div
    end
  end
end

-- A margin note becomes a block before its paragraph: a float inside a line
-- makes WeasyPrint set that line too long. A footnote becomes a span, which
-- on paper floats to the foot of the page.
local function hoisted(p)
  local notes, rest = pandoc.List {}, pandoc.List {}
  for _, x in ipairs(p.content) do
    if x.t == 'Span' and x.classes:includes 'side' then
      notes:insert(html '<div class="side" role="note">')
      notes:insert(pandoc.Plain(x.content))
      notes:insert(html '</div>')
    else
      rest:insert(x)
    end
  end
  if #notes == 0 then return end
  while #rest > 0 and rest[1].t:match '^S%a+' and rest[1].t:match 'Space' do rest:remove(1) end
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

return { boxed = boxed, hoisted = hoisted, footnote = footnote, capitals = capitals }
