// Runs models in Google's own interpreter (npm's @litertjs/core, WebAssembly): what its kernels give.
//
//   node run.cjs FOLDER [xnnpack|builtin|reference]
//
// For each NAME.tflite of the folder, NAME.in has images one after the other as the input tensor's
// bytes; NAME.out gets the outputs' bytes, image by image. A model that is refused gets NAME.error.
"use strict";
const fs = require("fs");
const path = require("path");

const home = path.join(__dirname, "node_modules", "@litertjs", "core", "wasm");
const build = path.join(home, "litert_wasm_compat_internal");

async function load(log) {
  // The file declares a factory and exports nothing: it is meant for a page's script tag.
  const source = fs.readFileSync(build + ".js", "utf8");
  const factory = new Function("require", "__dirname", "__filename", source + "; return ModuleFactory;");
  const wasmBinary = fs.readFileSync(build + ".wasm");
  const module = await factory(require, home, build + ".js")({
    wasmBinary, print: log, printErr: log,
  });
  module.setupLogging();
  return module;
}

// The JavaScript interface offers the number of threads alone, which reaches the runtime as text
// ("num_threads = N"). A long enough number makes room for the key that chooses the kernels.
const room = 1111111111;
function choose(module, kernels) {
  const text = `kernel_mode = "${kernels}"`.padEnd(`num_threads = ${room}\n`.length);
  const memory = Buffer.from(module.HEAPU8.buffer);
  let count = 0;
  for (let at; (at = memory.indexOf(`num_threads = ${room}`)) >= 0; count++) memory.write(text, at);
  if (count && process.env.LITERT_LOG) console.error("replaced", count);
  return count > 0;
}

async function main(folder, kernels) {
  let lines = [], chosen = false, module = null;
  module = await load((line) => {
    lines.push(line);
    if (process.env.LITERT_LOG) console.error(line);
    if (module !== null && choose(module, kernels)) chosen = true;
  });
  const environment = module.LiteRtEnvironment.create(null);
  const names = fs.readdirSync(folder).filter((f) => f.endsWith(".tflite"));
  for (const name of names.map((f) => path.join(folder, f.slice(0, -".tflite".length)))) {
    lines = [];
    try {
      await run(module, environment, name, lines);
    } catch (error) {
      fs.writeFileSync(name + ".error", [error.message, ...lines].join("\n"));
    }
  }
  if (!chosen) throw new Error("no kernels were chosen: the runtime has changed");
}

async function run(module, environment, name, lines) {
  const bytes = fs.readFileSync(name + ".tflite");
  const at = module._malloc(bytes.length);
  module.HEAPU8.set(bytes, at);
  const model = module.loadModel(environment, at, bytes.length);
  const compiled = await module.compileModel(environment, model, {
    environment, accelerator: "wasm", cpuOptions: { numThreads: room }, gpuOptions: {}, webNNOptions: {},
  });
  const type = model.getInputTensorType(0, 0), length = type.bytes();
  const results = model.getOutputTensorType(0, 0).bytes();
  const input = module.LiteRtTensorBuffer.createManaged(
    environment, module.LiteRtTensorBufferType.HOST_MEMORY, type, length);
  const images = fs.readFileSync(name + ".in"), outputs = [];
  for (let image = 0; image < images.length; image += length) {
    const place = input.lock(module.LiteRtTensorBufferLockMode.WRITE);
    module.HEAPU8.set(images.subarray(image, image + length), place);
    input.unlock();
    const [output] = await compiled.run(0, [input]);
    const from = output.lock(module.LiteRtTensorBufferLockMode.READ);
    outputs.push(Buffer.from(module.HEAPU8.slice(from, from + results)));
    output.unlock();
    output.delete();
  }
  // What XNNPACK refuses (scales from 256 on) leaves memory as it was, and no call says so.
  if (lines.some((line) => /failed to prepare|Failed to allocate/.test(line))) throw new Error("not prepared");
  fs.writeFileSync(name + ".out", Buffer.concat(outputs));
  for (const thing of [input, compiled, model]) thing.delete();
  module._free(at);
}

main(process.argv[2], process.argv[3] ?? "xnnpack").catch((error) => {
  console.error(error.message);
  process.exit(1);
});
