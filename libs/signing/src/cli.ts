#!/usr/bin/env node
import { createInterface } from 'node:readline';
import { type Command, commands as trustCommands } from './cli/commands.js';
import { type Input, InputError } from './cli/inputs.js';
import { signPdfCommand, verifyPdfCommand } from './pdf/cli-pdf.js';
import { validationCommands } from './validation/cli-validation.js';
import { xmlCommands } from './xml/cli-xml.js';

const commands: Readonly<Record<string, Command>> = {
  ...trustCommands,
  'verify-pdf': verifyPdfCommand,
  'sign-pdf': signPdfCommand,
  ...xmlCommands,
  ...validationCommands,
};

/**
 * `eoffice-signing [command]`: one question a line in, one answer a line out, both JSON; see the README.
 * Without a command each line names its own. The program ends with 0 when every line was answered, valid
 * or not, and with 2 when one was no question.
 */
async function main([fixed]: string[]): Promise<number> {
  if (fixed !== undefined && !commands[fixed]) {
    process.stderr.write(`Commands: ${Object.keys(commands).join(', ')}\n`);
    return 2;
  }
  let code = 0;
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const answer = await answerTo(line, fixed);
    if ('error' in answer) code = 2;
    if (!process.stdout.write(`${JSON.stringify(answer)}\n`)) {
      await new Promise((resolve) => process.stdout.once('drain', resolve));
    }
  }
  return code;
}

async function answerTo(line: string, fixed: string | undefined): Promise<object> {
  let id: unknown;
  try {
    const input = JSON.parse(line) as Input;
    if (typeof input !== 'object' || input === null) throw new InputError('not an object');
    id = input['id'];
    const command: Command | undefined = commands[fixed ?? String(input['command'])];
    if (!command) throw new InputError(`command: one of ${Object.keys(commands).join(', ')}`);
    return { ...(id !== undefined && { id }), ...(await command(input)) };
  } catch (error) {
    // Whatever happens to one question, the next is answered.
    const asked = error instanceof InputError || error instanceof SyntaxError;
    if (!asked) process.stderr.write(`${(error as Error).stack}\n`);
    const { message } = error as Error;
    return { ...(id !== undefined && { id }), error: asked ? message : `unexpected: ${message}` };
  }
}

process.exitCode = await main(process.argv.slice(2));
