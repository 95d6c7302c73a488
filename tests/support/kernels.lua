-- kernels.lua: a filter for pandoc, which brings Lua with it. Each kernel
-- line of the runs named by `runs`, files with spaces between them, is
-- predicted by docs/filters/tcp.lua. Prints a line each:
--
--   06 server accept: ESTABLISHED                        as predicted
--   07 client shutdown: FIN-WAIT-1, predicted FIN-WAIT-2
package.path = 'docs/filters/?.lua;' .. package.path
local tcp, events_of = require 'tcp', require 'run'.events_of

function Pandoc(doc)
  for path in pandoc.utils.stringify(doc.meta.runs):gmatch '%S+' do
    local kernels
    for _, e in ipairs(events_of(path)) do
      if e.kind == 'scene' then kernels = tcp.new() end
      local predicted, shown = kernels.see(e)
      if shown then
        print(('%s %s %s: %s%s'):format(path:match '[^/]+$', e.role, e.call, shown,
          shown ~= predicted and ', predicted ' .. predicted or ''))
      end
    end
  end
  return pandoc.Pandoc {}
end
