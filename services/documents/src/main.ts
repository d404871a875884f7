import { runService } from '@eoffice/platform/run-service';
import { DocumentsModule } from './documents.module.js';

await runService('documents', DocumentsModule);
