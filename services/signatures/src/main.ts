import { runService } from '@eoffice/platform/run-service';
import { SignaturesModule } from './signatures.module.js';

await runService('signatures', SignaturesModule);
