import { contract } from '../language/contract.js';
import { Id, List, Part } from '../language/fields.js';
import { Conflict, NotFound } from '../language/problem.js';
import { StoredFile } from '../language/stored-file.js';
import { BookClosed } from './books.js';
import { Origin, Registered, Registration, SecretDocument, WrongBook } from './incoming.js';

export class RegisterArrival extends Registration {
  @Id({ description: 'The id it has from now on, whoever asks and however often' })
  documentId: string;
  @List(() => StoredFile, { max: 20, description: 'In the store already, the document first' })
  files: StoredFile[];
  @Part(() => Origin) origin: Origin;
}

/**
 * What reaches the house by another service, which vouches for the files and for where they came
 * from. No route: nobody else may say so.
 */
export const arrivals = contract('documents.arrivals', {
  register: {
    summary: 'Register what another service received; once, however often it is asked',
    permission: 'documents.register',
    input: RegisterArrival,
    output: Registered,
    errors: [NotFound, Conflict, BookClosed, WrongBook, SecretDocument],
    status: 201,
  },
});
