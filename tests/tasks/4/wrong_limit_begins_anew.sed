# Each datagram begins a new second.
# report: which got other datagrams
s/    while ((left = begun + LIMIT - now()) > 0) {/    while ((left = LIMIT) > 0) {/
s/            continue;/            break;/
