"""What the agent's process takes."""

import os
import re
import subprocess


class Watch:
    def __init__(self, pid):
        self.pid = pid

    def cheap(self):
        """What the kernel tells: KiB resident, threads, descriptors."""
        with open(f"/proc/{self.pid}/status", encoding="ascii", errors="replace") as status:
            fields = dict(line.split(":", 1) for line in status if ":" in line)
        return {
            "rss_kib": int(fields["VmRSS"].split()[0]),
            "threads": int(fields["Threads"]),
            "fds": len(os.listdir(f"/proc/{self.pid}/fd")),
        }

    def heap_kib(self):
        """What the heap holds, garbage included."""
        used = re.findall(r"total \d+K, used (\d+)K", self._jcmd("GC.heap_info"))
        return sum(map(int, used))

    def thorough(self):
        """All of it, with the heap after a full collection."""
        self._jcmd("GC.run")
        self._jcmd("GC.run")
        classes = re.search(r"Total\s*=\s*\S+\s+(\d+)", self._jcmd("VM.classloader_stats"))
        return {"heap_kib": self.heap_kib(), "classes": int(classes.group(1)), **self.cheap()}

    def _jcmd(self, command):
        # The agent's own JDK has a jcmd that fits.
        java = os.readlink(f"/proc/{self.pid}/exe")
        jcmd = os.path.join(os.path.dirname(java), "jcmd")
        return subprocess.run([jcmd, str(self.pid), command], check=True, text=True,
                              capture_output=True, timeout=60).stdout
