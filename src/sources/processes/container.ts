/** Where a process is kept, as its cgroup path tells; nulls outside of containers, and where a container hides its own path. */
export interface ContainerPlace {
  /** 64 hexadecimal digits, as Docker, containerd, CRI-O and Podman name containers. */
  readonly containerId: string | null;
  /** uid of the Kubernetes pod. */
  readonly podUid: string | null;
}

/** @param cgroup the text of `/proc/<pid>/cgroup` */
export function containerPlace(cgroup: string): ContainerPlace {
  const containerId = /(?:^|[/:-])([0-9a-f]{64})(?:\.scope)?(?:\/|$)/m.exec(cgroup)?.[1] ?? null;
  // The systemd driver writes the uid with underscores.
  const pod = /\bpod([0-9a-f]{8}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{4}[-_][0-9a-f]{12})/.exec(
    cgroup,
  )?.[1];
  return { containerId, podUid: pod?.replaceAll('_', '-') ?? null };
}
