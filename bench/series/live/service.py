# As service.js: cycles are made so that the collector has work to do.
import sys, time, gc, resource

leaks, seconds = sys.argv[1] == "leak", float(sys.argv[2])
sessions, kept, number = {}, [], 0


class Node:
    def __init__(self, number):
        self.number, self.me, self.data = number, self, ["x%d" % (number + i) for i in range(40)]


def live():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


started = time.time()
due = started
while time.time() - started < seconds:
    for _ in range(25):
        number += 1
        sessions[number] = Node(number)
        sessions.pop(number - 4000, None)
        if leaks and number % 5 == 0:
            kept.append(["k%d" % (number + i) for i in range(40)])
    time.sleep(0.004)
    if time.time() >= due:
        due += 0.1
        print(int(time.time() * 1000), sys._getframe and len(gc.get_objects()) * 64, live(), flush=True)
