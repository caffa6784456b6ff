// Verifies post-quantum certificates as docs/PROTOCOL.md describes them, with another implementation of ML-DSA-65. Input, a JSON
// array: certificates, and the validators' keys in the set's order ("" where there is none), all in hex. It prints what each has
// signed and its signers, or what is wrong.
import { readFileSync } from 'node:fs';
import { ml_dsa65 } from '@noble/post-quantum/ml-dsa.js';

const signatureSize = 3309;
const context = Buffer.from('sessionvm/attest-block/v1');

function require(holds, what) {
  if (!holds) throw new Error(what);
}

// A certificate is: scheme (1 byte), what is signed (76), the length of the signers (4), the signers, the signatures.
function verify(certificate, keys) {
  require(certificate[0] === 1, 'the scheme');
  const attested = certificate.subarray(1, 77);
  const length = certificate.readUInt32BE(77);
  const bits = certificate.subarray(81, 81 + length);
  const signatures = certificate.subarray(81 + length);
  const signers = keys.map((_, i) => i).filter((i) => i >> 3 < length && (bits[length - 1 - (i >> 3)] >> (i & 7)) & 1);
  require(signatures.length === signers.length * signatureSize, 'a signature of each signer');
  signers.forEach((signer, i) => {
    const signature = signatures.subarray(i * signatureSize, (i + 1) * signatureSize);
    require(ml_dsa65.verify(signature, attested, keys[signer], { context }), `the signature of validator ${signer}`);
  });
  return { attested: attested.toString('hex'), signers };
}

const bytes = (hex) => Buffer.from(hex, 'hex');
console.log(JSON.stringify(JSON.parse(readFileSync(0, 'utf8')).map(({ certificate, keys }) => {
  try {
    return verify(bytes(certificate), keys.map(bytes));
  } catch (error) {
    return { wrong: error.message };
  }
})));
