import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Starts the program with throw-away services; returns what stops it. */
export default async function setup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), 'patapay-e2e-'));
  const ready = join(dir, 'ready.json');
  const program = spawn('../bin/patapay', ['dev', '--ephemeral', '--http', 'localhost:0', '--ready-file', ready], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const gone = new Promise<void>((done) => program.once('exit', () => done()));
  for (let tries = 0; !existsSync(ready); tries++) {
    if (tries > 3000 || program.exitCode !== null) throw new Error('patapay dev did not become ready');
    await pause(100);
  }
  process.env.PATAPAY_READY_FILE = ready;
  return async () => {
    program.kill('SIGINT');
    await Promise.race([gone, pause(15_000)]);
    program.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  };
}
