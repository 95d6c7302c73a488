"""Compares what a lesson told of its calls with what strace saw of them.

    calls.py LESSON LEAST [LESSON LEAST...]

compares LESSON.out, what the lesson printed, with LESSON.trace, what
strace wrote; LEAST is how many calls there must be at least. If they
differ, it prints how, with status 1. Both are brought into one form:

    recvfrom(3, WRITTEN, 64, 0, WRITTEN, WRITTEN) = 2 <- 127.0.0.1:8888 b'Hi'

What the kernel wrote comes after the arrow. A lesson names the variables
for it as its source does; WRITTEN replaces these names. Which arguments
they are is known from the call.
"""
import difflib
import re
import socket
import sys

# The positions, from 0, of the arguments that the kernel writes to.
WRITTEN = {
    'accept': (1, 2), 'recv': (1,), 'recvfrom': (1, 4, 5), 'recvmsg': (1,),
    'getsockopt': (3, 4), 'pipe': (0,), 'socketpair': (3,), 'epoll_wait': (1,),
}
# Calls that are not on a socket, and yet compared.
OTHERS = ('pipe', 'poll', 'epoll_create1', 'epoll_ctl', 'epoll_wait')
# A report of epoll: its data is the descriptor, in two versions of strace.
REPORT = re.compile(r'\{events=([A-Z|]+), '
                    r'data=(?:\{u32=(\d+), u64=\d+\}|(0x[0-9a-f]+|0))\}')
# Calls by which the narrator looks at a socket; a program may make them, too.
LOOKS = re.compile(r'(getsockopt|getsockname|getpeername|fcntl\(\d+, F_GETFL)')
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"(\.\.\.)?')


def split(text):
    """The arguments of a call, split at the commas between them."""
    parts, depth, at = [''], 0, 0
    while at < len(text):
        string = STRING.match(text, at)
        piece = string.group() if string else text[at]
        depth += (piece in tuple('([{')) - (piece in tuple(')]}'))
        if piece == ',' and depth == 0:
            parts.append('')
        else:
            parts[-1] += piece
        at += len(piece)
    return [part.strip() for part in parts]


def unescape(text):
    """The bytes of a C string, as strace and the lessons write them."""
    return re.sub(
        rb'\\(x[0-9A-Fa-f]{2}|[0-7]{1,3}|.)',
        lambda m: (bytes([int(m[1][1:], 16)]) if m[1][:1] == b'x'
                   else bytes([int(m[1], 8)]) if m[1].isdigit()
                   else {b'n': b'\n', b't': b'\t', b'r': b'\r', b'f': b'\f',
                         b'v': b'\v'}.get(m[1], m[1])),
        text.encode(), flags=re.S)


def quoted(data):
    """As a lesson quotes it: of a long message the first 24 columns; behind
    a zero, which makes it a part of a number, a 9 is no tab."""
    shown, before = '', None
    for byte in data:
        letter = {10: r'\n', 9: r'\t', 34: r'\"', 92: r'\\'}.get(
            byte, chr(byte) if 32 <= byte < 127 else f'\\x{byte:02X}')
        if before == 0 and byte < 32:
            letter = f'\\x{byte:02X}'
        before = byte
        if len(data) > 32 and len(shown) + 5 > 28:
            return f'"{shown}"...'
        shown += letter
    return f'"{shown}"'


def line(name, args, result, peer=None, data=None):
    """One call in the form that is compared."""
    wrote = [part for part in (peer, data and repr(data)) if part]
    return (f"{name}({', '.join(args)}) = {result}"
            + (' <- ' + ' '.join(wrote) if wrote else ''))


# ---- what a lesson told

def told(path):
    """The calls that a lesson told of."""
    lines, waits = [], None
    things = re.split(r'\n(?! {7})', open(path, encoding='utf-8').read())
    calls = []
    for thing in things:
        thing = re.sub(r'\n +', ' ', thing)
        head = re.match(r' *\d+  (\w+)\((.*?)\) (= .*|… blocks .*)$', thing)
        if head:
            calls.append([*head.groups(), []])
        elif thing.startswith('     ') and calls:
            calls[-1][3].append(thing.strip())
    for call in calls:
        name, args, end, notes = call
        if name in ('fork', 'waitpid'): # not on a socket
            continue
        if name == 'accept' and ', NULL,' in args: # the narrator asked for it
            notes = []
        if end.startswith('…'):
            if waits:
                lines.append(f'{waits} has no result')
            waits = (name, args)
            continue
        last = name == 'unlink' and call is calls[-1] # in a handler
        if waits and waits != (name, args) and not last:
            lines.append(f'{waits} blocks, but told is {name}({args})')
        waits = None
        if name != 'getaddrinfo':
            lines.append(told_call(name, split(args), end[2:], notes))
    return lines


def told_call(name, args, result, notes):
    """One call with the peer and the bytes that the lines after it tell."""
    data = [unescape(note[11:-1]) for note in notes if note[:9] == 'received:']
    data, notes = b''.join(data), ' '.join(notes)
    peer = re.search(r'this one peer, (\S+)\.|From (\S+): ', notes)
    peer = peer and (peer[1] or peer[2])
    carried = re.search(r'descriptors? ([\d, ]+) here', notes)
    if name == 'sendmsg':
        return line(name, args, result, carried and carried[1])
    if name == 'recvmsg':
        peer = carried[1] if carried else peer
        cut = 'MSG_TRUNC' if 'longer than the buffer' in notes else '0'
        room = re.search(r'\{(\d+) bytes\}', args[1])[1]
        return line(name, [args[0], room, args[2], cut], result, peer, data)
    if name in ('poll', 'epoll_wait'):
        ready = re.search(r'Ready: (.*?)\.', notes)
        peer = ready and ready[1]
    if name == 'pipe':
        ends = re.search(r'into descriptor (\d+) can be read from (\d+)', notes)
        peer = f'{ends[2]}, {ends[1]}'
    if name == 'socketpair' and result == '0':
        ends = re.search(r'into descriptor (\d+) comes out of (\d+)', notes)
        peer = f'{ends[1]}, {ends[2]}'
    if name == 'getsockopt':
        peer = re.search(r'(?:error|value) is (\d+)'
                         r'|process (\d+), of user (\d+)', notes)
        peer = peer[1] or f'{peer[2]} {peer[3]}'
    for place in WRITTEN.get(name, ()):
        if args[place] != 'NULL':
            args[place] = 'WRITTEN'
    return line(name, args, result, peer, data)


# ---- what strace saw

ADDRESSES = (
    (r'\{sa_family=AF_INET, sin_port=htons\((\d+)\), '
     r'sin_addr=inet_addr\("([^"]*)"\)\}', r'\2:\1'),
    (r'\{sa_family=AF_INET6, sin6_port=htons\((\d+)\), sin6_flowinfo=[^,]*, '
     r'inet_pton\(AF_INET6, "([^"]*)", &sin6_addr\), sin6_scope_id=\d+\}',
     r'[\2]:\1'),
    (r'\{sa_family=AF_UNIX, sun_path=("[^"]*")\}', r'\1'),
    (r'\{sa_family=AF_PACKET, .*?if_nametoindex\("([^"]*)"\).*?\}', r'\1'),
)


def seen(path):
    """The calls on sockets that strace saw, except on sockets with
    SOCK_CLOEXEC, which are the C library's own."""
    lines, sockets = [], set()
    for text in open(path, encoding='utf-8'):
        text = re.sub('SOL_(TCP|IP),', r'IPPROTO_\1,', text)
        call = re.match(r'(\w+)\((.*)\) += (.*)$', text.rstrip('\n'))
        if not call:
            continue
        name, args, result = call.groups()
        result = re.sub(r'\? ERESTART_RESTARTBLOCK', '-1 EINTR', result)
        if result[0] == '?': # restarted, or it never returned
            continue
        for pattern, short in ADDRESSES:
            args = re.sub(pattern, short, args)
        args = split(args)
        number = int(re.match(r'-?\w+', result)[0], 0)
        if name == 'pipe2' and args.pop() == '0':
            name = 'pipe'
        if name == 'epoll_pwait': # musl calls it, without signals
            name, args = 'epoll_wait', args[:4]
        if name == 'socket':
            if 'SOCK_CLOEXEC' in args[1]:
                continue
            args[2] = re.sub('IPPROTO_IP$', '0', args[2])
        if name in ('socket', 'accept') and number >= 0:
            sockets.add(number)
        elif name == 'socketpair':
            sockets.update(map(int, re.findall(r'\d+', args[3])))
        elif name == 'unlink':
            if 'socket' not in args[0]: # it is another file's
                continue
        elif name not in OTHERS and int(args[0]) not in sockets:
            continue
        elif name == 'fcntl' and args[1] not in ('F_GETFL', 'F_SETFL'):
            continue
        if name == 'fcntl': # musl always adds this flag
            args[-1] = args[-1].replace('|O_LARGEFILE', '')
        if name == 'close':
            sockets.discard(int(args[0]))
        lines.append(seen_call(name, args, result, number))
    return lines


def seen_call(name, args, result, number):
    """One call from its line of strace."""
    error = re.match(r'-1 (\w+)', result)
    peer = data = None
    shown = f'-1 {error[1]}' if error else str(number)
    if name == 'setsockopt':
        args[2] = args[2].replace('_OLD', '')
        args[3] = re.sub(r'l_\w+=', '', args[3])
        args[3] = re.sub(r'imr_\w+=inet_addr\("([^"]*)"\)', r'\1', args[3])
        if 'TIMEO' in args[2]:
            data = unescape(args[3][1:-1])
            args[3] = '{%d, %d}' % (int.from_bytes(data[:8], 'little'),
                                    int.from_bytes(data[8:], 'little'))
            data = None
        args[3] = args[3].strip('[]')
        if args[2] == 'IP_MULTICAST_IF': # strace takes the address for an int
            args[3] = socket.inet_ntoa(int(args[3]).to_bytes(4, sys.byteorder))
    elif name == 'accept':
        peer = args[1] if number >= 0 and args[1] != 'NULL' else None
    elif name in ('sendto', 'recvfrom'):
        bare = args[4] == 'NULL'
        data = unescape(STRING.match(args[1])[1]) if args[1][0] == '"' else b''
        if name == 'sendto':
            args[1], data = quoted(data), None
        elif number >= 0 and not bare:
            peer = args[4]
        data = data[:int(args[2])] if number > 0 and data else None
        if peer and ':' not in peer: # a frame: the lesson itself prints it
            data = None
        if bare:
            name, args = name[:4], args[:4]
    elif name == 'sendmsg':
        peer = re.search(r'SCM_RIGHTS, cmsg_data=\[([\d, ]+)\]', args[1])
        peer = peer and peer[1]
        args[1] = '{' + quoted(unescape(STRING.search(args[1])[1])) + '}'
    elif name == 'recvmsg':
        room = re.search(r'iov_len=(\d+)', args[1])[1]
        if not error:
            carried = re.search(r'SCM_RIGHTS, cmsg_data=\[([\d, ]+)\]', args[1])
            peer = re.search(r'msg_name=([^,]*)', args[1])[1]
            peer = carried[1] if carried else None if peer == 'NULL' else peer
            data = unescape(STRING.search(args[1])[1])[:number]
        flags = re.search(r'msg_flags=(\w+)', args[1])
        args = [args[0], room, args[2], flags[1] if flags and not error else '0']
    elif name == 'poll':
        args[0] = re.sub(r'fd=|events=', '', args[0])
        ready = re.findall(r'fd=(\d+), revents=([A-Z|]+)', result)
        peer = ', '.join(f'{fd} ({what})' for fd, what in ready)
    elif name == 'epoll_ctl':
        args[3] = REPORT.sub(lambda m: f'{{{m[1]}, {int(m[2] or m[3], 0)}}}',
                             args[3])
    elif name == 'epoll_wait' and not error:
        peer = ', '.join(f'{int(m[2] or m[3], 0)} ({m[1]})'
                         for m in REPORT.finditer(args[1]))
    elif name == 'pipe':
        peer = args[0].strip('[]')
    elif name == 'socketpair':
        peer = args[3].strip('[]')
    elif name == 'getsockopt':
        peer = args[3].strip('[]')
        ids = re.match(r'\{pid=(\d+), uid=(\d+),', args[3])
        peer = f'{ids[1]} {ids[2]}' if ids else peer
    elif name == 'fcntl' and args[1] == 'F_GETFL' and not error:
        shown = re.search(r'flags (.*)\)', result)[1]
    for place in WRITTEN.get(name, ()):
        if name != 'recvmsg' and args[place] != 'NULL':
            args[place] = 'WRITTEN'
    return line(name, args, shown, peer, data)


def compare(lesson, least):
    """What is wrong, as lines. Calls that only look count only if they were
    told."""
    said, did, kept = told(lesson + '.out'), seen(lesson + '.trace'), []
    for call in did:
        same = len(kept) < len(said) and said[len(kept)] == call
        if same or not LOOKS.match(call):
            kept.append(call)
    wrong = list(difflib.unified_diff(said, kept, lesson + ' told', 'seen',
                                      lineterm=''))
    if len(said) < least:
        wrong.append(f'{lesson} told only of {len(said)} calls')
    return wrong


words = sys.argv[1:]
wrong = [text for lesson, least in zip(words[::2], words[1::2], strict=True)
         for text in compare(lesson, int(least))]
print('\n'.join(wrong), end='\n' if wrong else '')
sys.exit(1 if wrong else 0)
