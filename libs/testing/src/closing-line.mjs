/** Ends a run with one plain line that any program can read: `N passed, N failed`. */
export default class ClosingLine {
  onRunComplete(_, { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests }) {
    const failed = numFailedTests + numRuntimeErrorTestSuites;
    process.once('exit', () => {
      if (numPendingTests > 0) process.stdout.write(`${numPendingTests} skipped\n`);
      process.stdout.write(`${numPassedTests} passed, ${failed} failed\n`);
    });
  }
}
