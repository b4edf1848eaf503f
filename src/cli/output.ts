import { type Command, Option } from 'commander'
import { append } from './connection.ts'
import { PROGRESS_MODES } from './progress/progress.ts'

/** Adds the flags that say where a bundle goes; every command that captures has the same. */
export function addPlaceOptions(command: Command): void {
  command
    .option('-o, --output <path>', 'file, folder or - for stdout (repeatable; default: this folder)', append, undefined)
    .option('--force', 'replace an output that exists')
}

/** Adds the flags that say what stdout and stderr get. */
export function addReportOptions(command: Command): void {
  command
    .addOption(
      new Option('--format <format>', 'what stdout gets: the path, or a summary')
        .choices(['text', 'json'])
        .default('text'),
    )
    .addOption(
      new Option('--progress <view>', 'what stderr shows while it runs').choices([...PROGRESS_MODES]).default('auto'),
    )
}
