"""Joins an SSH session to a port of this machine: what sshd runs as its SFTP server answers from there. Argument: the port."""
import os
import socket
import sys
import threading

remote = socket.create_connection(("127.0.0.1", int(sys.argv[1])))


def pump(read, write):
    try:
        while data := read():
            write(data)
    except OSError:
        pass


def from_server():
    pump(lambda: remote.recv(1 << 16), lambda data: write_all(1, data))
    os._exit(0)


def write_all(descriptor, data):
    while data:
        data = data[os.write(descriptor, data):]


threading.Thread(target=from_server, daemon=True).start()
pump(lambda: os.read(0, 1 << 16), remote.sendall)
os._exit(0)
