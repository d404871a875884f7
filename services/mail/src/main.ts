import { runService } from '@eoffice/platform/run-service';
import { MailModule } from './mail.module.js';

await runService('mail', MailModule);
