// # 10 A conversation of any length, the client
//
// It asks for a message, sends it, prints what comes back, and asks
// again, until its input ends. Any bytes will do, and any number of
// them: `./10_echo_client < file > copy` gives the file back.
#define TITLE "the client asks, sends, and prints the echo"
#define ADDRESSES IPV4_OR_IPV6
#include "narrate.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

// We send at most so much before we read it back. Were we to send a
// whole file first, the server's echo would fill the buffers of both
// kernels, since nobody reads it; then its `send` would wait for us and
// ours for the server, for ever. 16 KiB always find room in them.
enum { ROOM = 16 * 1024 };

// ## One message
//
// From a person a message is one line, with its newline; from a file or
// a pipe it is as many bytes as are there. *Defect 2* of the program
// from class: an empty line gives it nothing to send, and both sides
// wait for ever. Our empty line is one byte, the newline.
// Returns 0 at the end of the input.
static size_t read_message(char *message, size_t room, bool person)
{
    size_t size = 0;
    while (size < room) {
        size_t piece = person ? 1 : room;
        ssize_t n = read(STDIN_FILENO, message + size, piece);
        if (n == -1)
            fail("read");
        size += (size_t)n;
        if (!person || n == 0 || message[size - 1] == '\n')
            break;
    }
    return size;
}

// All of the message goes out, in as many calls as it takes.
static void send_all(int sock, const char *message, size_t size)
{
    size_t sent = 0;
    while (sent < size) {
        size_t left = size - sent;
        step("send(%d, %s, %zu, MSG_NOSIGNAL)", sock,
             quoted(message + sent, left), left);
        ssize_t n = send(sock, message + sent, left, MSG_NOSIGNAL);
        if (n == -1)
            fail("send");
        result(n, "%s", (size_t)n == left ? "Our kernel took all of it."
               : "Our kernel took a part of it.");
        sent += (size_t)n;
    }
}

// Where does the answer end? TCP does not say; a *protocol* must. Ours:
// as many bytes come back as were sent. *Defect 3*: 3,000 bytes sent
// and 1,024 asked for in a single `recv` leave the rest for the next
// answer, and each one after it comes too late. We count.
// Returns how many came: fewer only if the server has ended its side.
static size_t read_back(int sock, char *echo, size_t size)
{
    size_t got = 0;
    while (got < size) {
        size_t left = size - got;
        step("recv(%d, echo + %zu, %zu, 0)", sock, got, left);
        waits("the echo");
        ssize_t n = recv(sock, echo + got, left, 0);
        if (n == -1)
            fail("recv");
        result(n, "%s", n == 0 ? "The server has ended its side."
               : (size_t)n == left ? "All of it is back."
               : "A part of it is back.");
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return got;
}

// Prints what came back. Into a file or a pipe it goes as it is; for a
// terminal it is printed line by line, so that no byte of it can do
// harm there.
static void print(const char *bytes, size_t size, bool raw)
{
    if (raw) {
        if (fwrite(bytes, 1, size, stdout) != size
            || fflush(stdout) == EOF)
            fail("fwrite");
        return;
    }
    while (size > 0) {
        const char *end = memchr(bytes, '\n', size);
        size_t line = end ? (size_t)(end - bytes) + 1 : size;
        received(bytes, line);
        bytes += line;
        size -= line;
    }
}

int main(int argc, char *argv[])
{
    // Is a person there? If our input is a file or a pipe, nobody is to
    // be asked and nothing told: only the bytes of the echo come out.
    bool person = attended();
    bool raw = !person && !isatty(STDOUT_FILENO);
    if (!person) {
        be_quiet();
    }

    // The address and the port, as in every lesson.
    const char *address = "127.0.0.1";
    uint16_t port = 8888;
    begin(argc, argv, &address, &port);

    // This client takes an IPv6 address too, such as `::1`. Each family
    // has a struct of its own. We fill in both, and `peer` points to
    // the one that the address belongs to.
    struct sockaddr_in v4 = {0};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    struct sockaddr_in6 v6 = {0};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    struct sockaddr *peer = (struct sockaddr *)&v4;
    socklen_t size = sizeof v4;
    if (inet_pton(AF_INET, address, &v4.sin_addr) != 1) {
        peer = (struct sockaddr *)&v6;
        size = sizeof v6;
        if (inet_pton(AF_INET6, address, &v6.sin6_addr) != 1)
            fail("inet_pton");
    }

    // `socket` and `connect`: nothing new, but for the family.
    step("socket(%s, SOCK_STREAM, 0)",
         peer->sa_family == AF_INET ? "AF_INET" : "AF_INET6");
    int sock = socket(peer->sa_family, SOCK_STREAM, 0);
    if (sock == -1)
        fail("socket");
    result(sock, "Our TCP socket is descriptor %d: %s.",
           sock, which_number(sock));
    show(sock);

    step("connect(%d, %s, %zu)", sock, text_of(peer), (size_t)size);
    waits("the server to answer");
    if (connect(sock, peer, size) == -1)
        fail("connect");
    result(0, "The kernel chose a port for our end. It took %ld"
           " microseconds.", took());
    show(sock);

    // The conversation: a message out, its echo back, and only then the
    // next. Ctrl-D ends the input, or the end of the file.
    static char message[ROOM], echo[ROOM];
    for (;;) {
        if (person) {
            printf("Enter message to send: ");
            fflush(stdout);
        }
        size_t length = read_message(message, sizeof message, person);
        if (person) {
            typed(message, length);
        }
        if (length == 0)
            break;
        send_all(sock, message, length);
        size_t got = read_back(sock, echo, length);
        print(echo, got, raw);
        if (got < length) {
            fprintf(stderr, "10_echo_client: the server has ended the"
                    " conversation: %zu of %zu bytes came back\n",
                    got, length);
            return 1;
        }
    }

    // We have said all: a half-close, as in lesson 07. The server sees
    // the end and closes. Until it has, there may be bytes on the way,
    // so we read to the end, whatever comes.
    step("shutdown(%d, SHUT_WR)", sock);
    if (shutdown(sock, SHUT_WR) == -1)
        fail("shutdown");
    result(0, "We have said all. We can still read the answer.");

    ssize_t n;
    do {
        step("recv(%d, echo, %zu, 0)", sock, sizeof echo);
        waits("the peer to end its side");
        n = recv(sock, echo, sizeof echo, 0);
        if (n == -1)
            fail("recv");
        result(n, "%s", n > 0 ? "There was more."
               : "The peer's FIN is here: it will send no more.");
        print(echo, (size_t)n, raw);
    } while (n > 0);
    show(sock);

    step("close(%d)", sock);
    if (close(sock) == -1)
        fail("close");
    result(0, "The descriptor is free for another socket.");
    show(sock);

    return 0;
}
