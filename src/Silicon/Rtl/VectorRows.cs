using QSim.Silicon.Vectors;

namespace QSim.Silicon.Rtl;

/// <summary>
/// How a testbench gets its rows: by <c>$readmemh</c>, or in Verilator, whose own takes four fifths
/// of a run, by a function of <c>main.cpp</c>.
/// </summary>
internal static class VectorRows
{
    /// <summary>Fills <c>steps</c> and <c>outputs</c>.</summary>
    public static string Of(string name, RowLayout steps, RowLayout outputs) => $$"""
        `ifdef VERILATOR
          import "DPI-C" function int rows_open(input string file);
          import "DPI-C" function int unsigned rows_word(
              input int file, input int row, input int word);
          integer file, r, w;
          // verilator lint_off UNUSEDSIGNAL
          logic [{{Padded(steps) - 1}}:0] step_row;
          logic [{{Padded(outputs) - 1}}:0] output_row;
          // verilator lint_on UNUSEDSIGNAL
          initial begin
            file = rows_open("vectors/{{name}}_steps.hex");
            for (r = 0; r < STEPS; r = r + 1) begin
              for (w = 0; w < {{Padded(steps) / 32}}; w = w + 1)
                step_row[w*32 +: 32] = rows_word(file, r, w);
              steps[r] = step_row[{{steps.Bits - 1}}:0];
            end
            file = rows_open("vectors/{{name}}_outputs.hex");
            for (r = 0; r < OUTPUTS; r = r + 1) begin
              for (w = 0; w < {{Padded(outputs) / 32}}; w = w + 1)
                output_row[w*32 +: 32] = rows_word(file, r, w);
              outputs[r] = output_row[{{outputs.Bits - 1}}:0];
            end
          end
        `else
          initial begin
            $readmemh("vectors/{{name}}_steps.hex", steps);
            $readmemh("vectors/{{name}}_outputs.hex", outputs);
          end
        `endif
        """;

    private static int Padded(RowLayout row) => (row.Bits + 31) / 32 * 32;

    /// <summary>Clock and rows for Verilator.</summary>
    public const string Main = """
        #include <cstdint>
        #include <cstdio>
        #include <cstdlib>
        #include <utility>
        #include <vector>

        #include "Vbench.h"
        #include "verilated.h"

        // What testbenches import; those of units without a clock do not.
        extern "C" int rows_open(const char* name);
        extern "C" unsigned int rows_word(int file, int row, int word);

        namespace {

        // A file of rows in 32-bit words, the lowest first.
        struct Rows {
          size_t words_per_row = 0;
          std::vector<uint32_t> words;
        };

        std::vector<Rows> files;

        [[noreturn]] void fail(const char* file, const char* what) {
          std::fprintf(stderr, "%s: %s\n", file, what);
          std::exit(1);
        }

        std::vector<char> bytes_of(const char* name) {
          std::FILE* file = std::fopen(name, "rb");
          if (!file) fail(name, "cannot be read");
          std::vector<char> bytes;
          char part[1 << 16];
          for (size_t n; (n = std::fread(part, 1, sizeof part, file)) > 0;)
            bytes.insert(bytes.end(), part, part + n);
          std::fclose(file);
          return bytes;
        }

        }  // namespace

        int rows_open(const char* name) {
          int8_t value_of[256];
          for (int c = 0; c < 256; c++)
            value_of[c] = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
          std::vector<char> bytes = bytes_of(name);
          size_t digits = 0;
          while (digits < bytes.size() && bytes[digits] != '\n') digits++;
          size_t count = bytes.size() / (digits + 1);
          Rows rows;
          rows.words_per_row = (digits + 7) / 8;
          rows.words.resize(count * rows.words_per_row);
          int wrong = bytes.size() % (digits + 1) != 0;
          for (size_t row = 0; row < count && !wrong; row++) {
            const char* line = &bytes[row * (digits + 1)];
            uint32_t* words = &rows.words[row * rows.words_per_row];
            for (size_t i = 0; i < digits; i++) {
              int value = value_of[static_cast<unsigned char>(line[digits - 1 - i])];
              wrong |= value & 16;
              words[i / 8] |= static_cast<uint32_t>(value) << (i % 8 * 4);
            }
            wrong |= line[digits] != '\n';
          }
          if (wrong || digits == 0) fail(name, "is not made of hexadecimal rows of one width");
          files.push_back(std::move(rows));
          return static_cast<int>(files.size()) - 1;
        }

        unsigned int rows_word(int file, int row, int word) {
          const Rows& rows = files[file];
          size_t at = row * rows.words_per_row + word;
          return at < rows.words.size() ? rows.words[at] : 0;
        }

        int main(int argc, char** argv) {
          VerilatedContext context;
          context.commandArgs(argc, argv);
          Vbench bench{&context};
          while (!context.gotFinish()) {
            bench.clk = 0;
            bench.eval();
            bench.clk = 1;
            bench.eval();
          }
          return 0;
        }

        """;
}
