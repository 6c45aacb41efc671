import type { Command } from 'commander';
import type { Finding } from '../doctor/check.ts';
import { exitCodes } from '../exit-code.ts';
import { type Format, formatOption, print } from '../output.ts';
import { fields } from '../table.ts';
import type { Surroundings } from './command.ts';
import { targetOf } from './command.ts';
import { Silent } from './look.ts';

const MARKS = { ok: 'ok  ', warn: 'WARN', fail: 'FAIL', skip: '-   ' } as const;

export function registerDoctor(program: Command, surroundings: Surroundings): void {
  const { io } = surroundings;
  program
    .command('doctor')
    .summary('what is wrong around the sessions')
    .description(
      'Looks at Kubernetes, the resource, the operator, your rights, storage, images, DNS and the sessions of a namespace, and ' +
        'says what to do about what is wrong. With --url: at name, port, key and state. Exit code 1 when something is wrong.',
    )
    .addOption(formatOption())
    .action(async ({ output }: { readonly output: Format }, command: Command) => {
      const target = await targetOf(command, surroundings);
      const { examineCluster, examineUrl } = await import('../doctor/examine.ts');
      const findings: Finding[] = [];
      const examined =
        target.kind === 'url'
          ? examineUrl(target, io.signal)
          : examineCluster(target.cluster, surroundings.program, io.signal);
      for await (const finding of examined) {
        findings.push(finding);
        if (output === 'text') io.out(`${findingLines(finding)}\n`);
      }
      const wrong = findings.filter(({ verdict }) => verdict === 'fail').length;
      const doubtful = findings.filter(({ verdict }) => verdict === 'warn').length;
      if (output === 'text')
        io.out(
          `\n${wrong === 0 && doubtful === 0 ? 'Nothing is wrong.' : `${wrong} wrong, ${doubtful} to look at.`}\n`,
        );
      else
        print(io, {
          format: output,
          value: findings,
          text: () => '',
          names: findings.map(({ check }) => check),
        });
      if (wrong > 0) throw new Silent(exitCodes.failed);
    });
}

function findingLines({ check, verdict, detail, remedy }: Finding): string {
  const line = `${MARKS[verdict]}  ${check.padEnd(12)} ${detail}`;
  return remedy === undefined
    ? line
    : `${line}\n${fields([['→', remedy]], ' '.repeat(19)).replace('→   ', '→ ')}`;
}
