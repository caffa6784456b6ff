// Compiles the contracts of this folder, and prints the name, ABI and bytecode of each that can be deployed, and of the Warp precompile.
import { readFileSync, readdirSync } from "node:fs";
import solc from "solc";

const read = (folder, prefix) => readdirSync(folder).filter((name) => name.endsWith(".sol"))
  .map((name) => [prefix + name, { content: readFileSync(`${folder}/${name}`, "utf8") }]);

const output = JSON.parse(solc.compile(JSON.stringify({
  language: "Solidity",
  sources: Object.fromEntries([...read(".", ""), ...read("test", "test/")]),
  settings: {
    evmVersion: "shanghai",
    viaIR: true,
    optimizer: { enabled: true, runs: 10000 },
    metadata: { appendCBOR: false, bytecodeHash: "none" },
    outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } },
  },
})));
for (const error of output.errors ?? []) console.error(error.formattedMessage);
if (output.errors?.length) process.exit(1); // of warnings too

const contracts = Object.entries(output.contracts).flatMap(([file, inFile]) => Object.entries(inFile)
  .filter(([, { abi }]) => abi.some(({ type }) => type === "function"))
  .filter(([name, { evm }]) => evm.bytecode.object !== "" || name === "IWarpMessenger")
  .map(([name, { abi, evm }]) => ({ name, abi, code: evm.bytecode.object, test: file.startsWith("test/") })));
console.log(JSON.stringify(contracts.sort((a, b) => (a.name < b.name ? -1 : 1))));
