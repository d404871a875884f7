// Speaks to a PKCS #11 library, in a process of its own for each operation: logging in counts for a
// whole process, and a library that hangs or falls takes only this one with it. One question comes in
// on stdin, one answer goes out, both JSON; the PIN is in neither the parameters nor the environment.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const maxObjects = 200;

/** What went wrong before the library was asked anything. */
class Obstacle extends Error {}

function driver() {
  try {
    return createRequire(import.meta.url)('pkcs11js');
  } catch {
    return undefined;
  }
}

const pkcs11js = driver();
const { CKA_CLASS, CKA_EC_POINT, CKA_ID, CKA_KEY_TYPE, CKA_MODULUS } = pkcs11js ?? {};
const { CKO_PRIVATE_KEY, CKO_PUBLIC_KEY } = pkcs11js ?? {};

function load(path) {
  const module = new pkcs11js.PKCS11();
  try {
    module.load(path);
  } catch {
    throw new Obstacle('module');
  }
  module.C_Initialize();
  return module;
}

/** The slot whose token has that label. */
function slotOf(module, label) {
  const slot = module
    .C_GetSlotList(true)
    .find((each) => module.C_GetTokenInfo(each).label.replace(/[ \0]+$/, '') === label);
  if (!slot) throw new Obstacle('token');
  return slot;
}

function objects(module, session, template) {
  module.C_FindObjectsInit(session, template);
  const found = [];
  for (let one; found.length < maxObjects && (one = module.C_FindObjects(session));) {
    found.push(one);
  }
  module.C_FindObjectsFinal(session);
  return found;
}

/** An attribute, or nothing for one that the object lacks or does not show. */
function attribute(module, session, object, type) {
  try {
    return module.C_GetAttributeValue(session, object, [{ type }])[0].value;
  } catch {
    return undefined;
  }
}

/** What tells the keys of a token apart: their identifiers, and what is public of them. */
function list(module, session) {
  return [CKO_PRIVATE_KEY, CKO_PUBLIC_KEY].flatMap((kind) =>
    objects(module, session, [{ type: CKA_CLASS, value: kind }]).map((object) => {
      const read = (type) => attribute(module, session, object, type)?.toString('base64');
      return {
        private: kind === CKO_PRIVATE_KEY,
        id: read(CKA_ID),
        modulus: read(CKA_MODULUS),
        point: read(CKA_EC_POINT),
      };
    }),
  );
}

function mechanismOf({ kind, digest, saltLength }) {
  if (kind === 'ecdsa') return { mechanism: pkcs11js.CKM_ECDSA };
  if (kind === 'rsa') return { mechanism: pkcs11js.CKM_RSA_PKCS };
  const name = digest.toUpperCase();
  const parameter = {
    type: pkcs11js.CK_PARAMS_RSA_PSS,
    hashAlg: pkcs11js[`CKM_${name}`],
    mgf: pkcs11js[`CKG_MGF1_${name}`],
    saltLen: saltLength,
  };
  return { mechanism: pkcs11js.CKM_RSA_PKCS_PSS, parameter };
}

async function sign(module, session, { id, scheme, input }) {
  const [key] = objects(module, session, [
    { type: CKA_CLASS, value: CKO_PRIVATE_KEY },
    { type: CKA_ID, value: Buffer.from(id, 'base64') },
    {
      type: CKA_KEY_TYPE,
      value: scheme.kind === 'ecdsa' ? pkcs11js.CKK_EC : pkcs11js.CKK_RSA,
    },
  ]);
  if (!key) throw new Obstacle('key');
  module.C_SignInit(session, mechanismOf(scheme), key);
  const signature = await module.C_SignAsync(
    session,
    Buffer.from(input, 'base64'),
    Buffer.alloc(2048),
  );
  return signature.toString('base64');
}

async function answer(question) {
  if (!pkcs11js) throw new Obstacle('driver');
  const module = load(question.module);
  const slot = slotOf(module, question.token);
  const session = module.C_OpenSession(slot, pkcs11js.CKF_SERIAL_SESSION);
  module.C_Login(session, pkcs11js.CKU_USER, question.pin);
  const value =
    question.act === 'list' ? list(module, session) : await sign(module, session, question);
  module.C_Logout(session);
  module.C_Finalize();
  return { value };
}

function faultOf(error) {
  if (error instanceof Obstacle) return error.message;
  return /CKR_\w+/.exec(`${error.message} ${error.stack}`)?.[0] ?? 'unknown';
}

const question = JSON.parse(await text(process.stdin));
const reply = await answer(question).catch((error) => ({ fault: faultOf(error) }));
process.stdout.write(JSON.stringify(reply), () => process.exit(0));
