"""A copy of ONNX Runtime's library that takes its AVX2 kernels on a processor with AVX-512, to compare both on one machine.

  python3 avx2.py bin/.../runtimes/linux-x64/native/libonnxruntime.so COPY.so
  cp COPY.so over the first; DOTNET_EnableAVX512=0 for programs that ask .NET what the processor has

Where the library reads which registers the system saves (xgetbv), the copy takes those of AVX alone. Written for 1.31 on linux-x64;
where another version has other instructions it says so and writes nothing.
"""

import sys

# xgetbv; mov %eax,%eax; shl $32,%rdx   ->   xgetbv; and $7,%eax; xor %edx,%edx; nop
READS = bytes.fromhex("0f01d0 89c0 48c1e220"), bytes.fromhex("0f01d0 83e007 31d2 90")
# cmp $0xe6,%r9d, of what was masked by 0xe6   ->   cmp $0xff,%r9d, which is never equal
ASKS = bytes.fromhex("4181f9 e6000000"), bytes.fromhex("4181f9 ff000000")
COUNTS = {READS: 5, ASKS: 2}


def main():
    if len(sys.argv) != 3:
        sys.exit("use: avx2.py LIBRARY COPY")
    library, copy = sys.argv[1:]
    try:
        with open(library, "rb") as file:
            code = file.read()
    except OSError as error:
        sys.exit(f"{library}: {error.strerror}")
    for (old, new), count in COUNTS.items():
        if (found := code.count(old)) != count:
            sys.exit(f"{library}: has {found} of {count} places: another version, or a copy already")
        code = code.replace(old, new)
    with open(copy, "wb") as file:
        file.write(code)


main()
