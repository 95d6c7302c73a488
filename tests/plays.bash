# shellcheck shell=bash
# Loaded by the tests that play all lessons: every one in every role,
# under strace, most of them at the same time.

# followed NAME TEXT: waits until the last line of NAME.trace begins with
# TEXT: a call that blocks.
followed() {
    until_it last "$1.trace" "^$2" "$(<"$1.pid")" ||
        complain "$1" "is not in $2, but in $(tail -n 1 "$1.trace")"
}

# play FOLDER [OPTION...]: plays the lessons there with these options. What
# each printed is in NAME.out and NAME.err, its calls in NAME.trace; a
# second client is NAME.again, and that of 11 is 10_echo_client.many. The
# file `ends` has a line for each: its name and exit status.
play() {
    local folder=$1 name
    local -A ports=()
    shift
    need strace python3
    printf 'Hello\n\na line that is longer than the narration quotes\nend' \
        >said
    : >ends
    for name in 01 02 03 04 06 07 08 09 10 11 13 14 15 16 17 18 19 20 21 22 23; do
        ports[$name]=$(free_port)
    done
    begin_second "$@"
    for name in 01_socket 02_bind 03_listen 04_accept 06_send_recv_server \
        07_close_server 08_udp_receiver 09_greeting_server 10_echo_server \
        11_many_clients; do
        traced "$name" "$folder/$name" "$@" 127.0.0.1 "${ports[${name%%_*}]}"
    done
    for name in 01_socket 02_bind 03_listen; do
        ended "$name"
    done
    for name in 04_accept 06_send_recv_server 07_close_server \
        09_greeting_server 10_echo_server; do
        followed "$name" 'accept('
    done
    followed 08_udp_receiver 'recvmsg('
    followed 11_many_clients 'poll('

    traced 05_connect "$folder/05_connect" "$@" 127.0.0.1 "${ports[04]}"
    for name in 06_send_recv_client 07_close_client 08_udp_sender \
        09_greeting_client; do
        traced "$name" "$folder/$name" "$@" 127.0.0.1 "${ports[${name%%_*}]}"
    done
    echoes "$folder" 10_echo_client "${ports[10]}" "$@"
    traced 12_names "$folder/12_names" "$@" 127.0.0.1 "${ports[11]}"
    for name in 05_connect 04_accept 08_udp_sender 08_udp_receiver \
        09_greeting_client 10_echo_client 12_names; do
        ended "$name"
    done

    traced 09_greeting_client.again "$folder/09_greeting_client" "$@" \
        127.0.0.1 "${ports[09]}"
    echoes "$folder" 10_echo_client.again "${ports[10]}" "$@"
    followed 11_many_clients 'poll(.*, 2,'
    echoes "$folder" 10_echo_client.many "${ports[11]}" "$@"
    for name in 09_greeting_client.again 10_echo_client.again \
        10_echo_client.many 06_send_recv_client 06_send_recv_server \
        07_close_client 07_close_server; do
        ended "$name"
    done

    followed 09_greeting_server 'accept('
    followed 10_echo_server 'accept('
    followed 11_many_clients 'poll(.*, 2,'
    for name in 09_greeting_server 10_echo_server 11_many_clients; do
        end_child INT "$name"
        ended "$name"
    done
    taps "$folder" "${ports[13]}" "$@"
    end_second "$@"
}

# The second part of the course, which sleeps now and then: it begins
# before the first and ends after it. Uses play's folder and ports.
begin_second() {
    for name in 14_framing_server 15_fork_server 16_thread_server \
        17_endings_server 18_udp_retry_receiver 21_http_server \
        22_dns_answer 23_epoll_server; do
        traced "$name" "$folder/$name" "$@" 127.0.0.1 "${ports[${name%%_*}]}"
    done
    for name in 19_broadcast_receiver 19_broadcast_receiver.again; do
        traced "$name" "$folder/${name%.again}" "$@" \
            127.255.255.255 "${ports[19]}"
    done
    for name in 19_multicast_receiver 19_multicast_receiver.again; do
        traced "$name" "$folder/${name%.again}" "$@" 127.0.0.1 "${ports[19]}"
    done
    traced 20_options "$folder/20_options" "$@" 127.0.0.1 "${ports[20]}"
    for name in 14_framing_server 15_fork_server 16_thread_server \
        17_endings_server 21_http_server; do
        followed "$name" 'accept('
    done
    for name in 18_udp_retry_receiver 19_broadcast_receiver \
        19_broadcast_receiver.again 19_multicast_receiver \
        19_multicast_receiver.again 22_dns_answer; do
        followed "$name" 'recvfrom('
    done
    followed 23_epoll_server 'epoll_p*wait('
    for name in 14_framing_client 17_endings_client 18_udp_retry_sender \
        19_multicast_sender 21_http_client; do
        traced "$name" "$folder/$name" "$@" 127.0.0.1 "${ports[${name%%_*}]}"
    done
    traced 22_dns_question "$folder/22_dns_question" "$@" \
        forged.lesson.test "${ports[22]}"
    traced 24_unix_pair "$folder/24_unix_pair" "$@"
    meets "$@"
    traced 19_broadcast_sender "$folder/19_broadcast_sender" "$@" \
        127.255.255.255 "${ports[19]}"
}

# Lesson 24: a server that finds a path which was left behind, and a client.
meets() {
    python3 -c 'import socket
socket.socket(socket.AF_UNIX).bind("lesson.socket")'
    traced 24_unix_server "$folder/24_unix_server" "$@"
    followed 24_unix_server 'accept('
    traced 24_unix_client "$folder/24_unix_client" "$@"
}

end_second() {
    for name in 15 16 23; do
        echoes "$folder" "10_echo_client.$name" "${ports[$name]}" "$@"
        ended "10_echo_client.$name"
    done
    for name in 19_broadcast_sender 19_broadcast_receiver \
        19_broadcast_receiver.again 19_multicast_sender \
        19_multicast_receiver 19_multicast_receiver.again 20_options 14_framing_client \
        17_endings_client 17_endings_server 18_udp_retry_sender \
        18_udp_retry_receiver 21_http_client 22_dns_question \
        24_unix_client 24_unix_pair; do
        ended "$name"
    done
    for name in 14_framing_server 15_fork_server 16_thread_server \
        21_http_server; do
        followed "$name" 'accept('
        end_child INT "$name"
        ended "$name"
    done
    followed 22_dns_answer 'recvfrom('
    followed 23_epoll_server 'epoll_p*wait('
    for name in 22_dns_answer 23_epoll_server; do
        end_child INT "$name"
        ended "$name"
    done
    followed 24_unix_server 'accept('
    end_child INT 24_unix_server
    ended 24_unix_server
    [ ! -e lesson.socket ]
}

# echoes FOLDER NAME PORT [OPTION...]: starts lesson 10's client; its input
# is the file `said`, and so it narrates only under a cue.
echoes() {
    local cue=/dev/zero
    case " ${*:4} " in *' -q '*) cue= ;; esac
    # shellcheck disable=SC2016 # it is for another shell to expand
    LESSON_CUE=$cue traced "$2" sh -c 'exec "$0" "$@" <said' \
        "$1/10_echo_client" "${@:4}" 127.0.0.1 "$3"
}

# taps FOLDER PORT [OPTION...]: plays lesson 13, if we are root. It tells
# only of the first frame, so later ones are cut from the trace.
taps() {
    [ "$(id -u)" -eq 0 ] || return 0
    traced 13_wiretap "$1/13_wiretap" "${@:3}" 127.0.0.1 "$2"
    followed 13_wiretap 'recvfrom('
    run -1 "$BUILD/05_connect" -q "$2" 3>&-
    await 13_wiretap '^recvfrom(.*AF_PACKET.*= [1-9]' 13_wiretap.trace
    followed 13_wiretap 'recvfrom('
    end_child INT 13_wiretap
    ended 13_wiretap
    awk '/^socket\(AF_PACKET/ { tap = 1 }
        !tap || !/^recvfrom\(/ || n++ == 0' 13_wiretap.trace >trace
    mv trace 13_wiretap.trace
}

ended() {
    finish "$1"
    echo "$1 $status" >>ends
}
