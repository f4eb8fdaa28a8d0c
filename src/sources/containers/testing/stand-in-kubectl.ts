import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What the stand-in tells of the one pod that it knows. */
export interface StandInPod {
  readonly namespace: string;
  readonly name: string;
  readonly container: string;
  /** How a program is run in it, as `IsolatedService.enter([])` gives it. */
  readonly enter: readonly string[];
  /** `forbidden` by the user's role, `not-found` in an image that has no such program. */
  readonly exec: 'runs' | 'forbidden' | 'not-found';
  readonly ports: readonly number[];
  /** What `kubectl top pod` prints for it; null is a cluster without a metrics server. */
  readonly memory: string | null;
}

/**
 * Writes a program called `kubectl` into a folder for the PATH: it prints what `kubectl get` and `top` were seen to print, runs what `exec`
 * asks for beside the service, and forwards ports into its network. An outside system stood in for: no cluster is needed for the tests.
 */
export function standInKubectl(folder: string, pod: StandInPod): void {
  const described = {
    metadata: { name: pod.name, namespace: pod.namespace },
    spec: {
      nodeName: 'node-1',
      containers: [
        {
          name: pod.container,
          image: 'example/service:1',
          ports: pod.ports.map((containerPort) => ({ containerPort, protocol: 'TCP' })),
          resources: { limits: { memory: '512Mi' }, requests: { memory: '128Mi' } },
        },
      ],
    },
    status: {
      containerStatuses: [
        {
          name: pod.container,
          restartCount: 3,
          containerID: `containerd://${'ab'.repeat(32)}`,
          state: { running: { startedAt: '2024-01-21T00:00:00Z' } },
          lastState: { terminated: { reason: 'OOMKilled' } },
        },
      ],
    },
  };
  const relay =
    "const s=require('net').connect(+process.argv[1],'127.0.0.1');process.stdin.pipe(s).pipe(process.stdout);s.on('error',()=>process.exit(1))";
  const program = `#!${process.execPath}
const { spawn } = require('child_process');
const args = process.argv.slice(2);
const pod = ${JSON.stringify({ ...pod, described, relay })};
const fail = (text) => { process.stderr.write(text + '\\n'); process.exit(1); };
const has = (value) => args.includes(value);
const run = (argv, stdio) => spawn(pod.enter[0], [...pod.enter.slice(1), ...argv], { stdio });
switch (args[0]) {
  case 'get':
    if (args[1] === 'pod' && args[2] !== pod.name) fail('Error from server (NotFound): pods "' + args[2] + '" not found');
    process.stdout.write(JSON.stringify(args[1] === 'pod' ? pod.described : { kind: 'List', items: [pod.described] }));
    break;
  case 'top':
    if (pod.memory === null) fail('error: Metrics API not available');
    process.stdout.write([...(has('--all-namespaces') ? [pod.namespace] : []), pod.name, pod.container, '5m', pod.memory].join('   ') + '\\n');
    break;
  case 'exec': {
    if (pod.exec === 'forbidden') fail('Error from server (Forbidden): pods "x" is forbidden: User "dev" cannot create resource "pods/exec"');
    if (pod.exec === 'not-found') fail('OCI runtime exec failed: exec: "node": executable file not found in $PATH');
    run(args.slice(args.indexOf('--') + 1), 'inherit').on('close', (code) => process.exit(code ?? 1));
    break;
  }
  case 'port-forward': {
    const to = /^:(\\d+)$/.exec(args.at(-1))[1];
    const server = require('net').createServer((socket) => {
      const child = run([process.execPath, '-e', pod.relay, to], ['pipe', 'pipe', 'ignore']);
      child.stdin.on('error', () => {});
      socket.on('error', () => {});
      socket.on('close', () => child.kill());
      child.on('close', () => socket.end());
      socket.pipe(child.stdin); child.stdout.pipe(socket);
    }).listen(0, '127.0.0.1', () => process.stdout.write('Forwarding from 127.0.0.1:' + server.address().port + ' -> ' + to + '\\n'));
    process.on('SIGTERM', () => process.exit(0));
    break;
  }
  default: fail('error: unknown command');
}
`;
  const file = join(folder, 'kubectl');
  writeFileSync(file, program);
  chmodSync(file, 0o755);
}
