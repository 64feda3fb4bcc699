using QSim.Silicon.Vectors;

namespace QSim.Silicon;

/// <summary>What a folder of twins says of itself, and how it is built.</summary>
internal static class TwinTexts
{
    /// <summary>One target per tool.</summary>
    public const string Makefile = """
        # verilator, icarus: build the testbench in build/.  lint: the circuits by themselves.
        # Verilator's dfg pass makes one chain of concatenations of all lanes, on which g++ takes
        # minutes.
        # yosys: no latch, no net with two drivers.  synth: by Yosys, with cells counted.
        # sta: the longest path of each circuit, mapped to the cells of LIB, by OpenSTA.
        RTL := $(sort $(wildcard rtl/*.sv))
        BENCH := $(filter-out tb/clock.sv,$(sort $(wildcard tb/*.sv)))
        TOPS := $(patsubst rtl/%_unit.sv,%_unit,$(wildcard rtl/*_unit.sv))
        READ = read_verilog -sv $(RTL); hierarchy -check -top $$top
        CHECK = $(READ); proc; opt_clean; check -assert; select -assert-none t:\$$dlatch
        SYNTH = $(READ); synth -flatten -top $$top; check -assert; stat
        LIB ?= /usr/share/qflow/tech/osu018/osu018_stdcells.lib
        ABC = abc -liberty $(LIB) -script +strash;dc2;strash;&get,-n;&dch,-f;&nf;&put
        MAP = $(READ); synth -flatten -top $$top; dfflibmap -liberty $(LIB); $(ABC) ; \
          opt_clean -purge; write_verilog -noattr -noexpr build/$$top.v

        .PHONY: verilator icarus lint yosys synth sta clean

        verilator:
        	verilator --cc --exe --build -O3 -fno-dfg --output-split 20000 -Wall \
        	  --x-assign fast --x-initial fast --top-module bench --Mdir build \
        	  -MAKEFLAGS OPT_FAST=-O2 $(RTL) $(BENCH) tb/main.cpp

        icarus:
        	mkdir -p build
        	iverilog -g2012 -s clock -o build/twin.vvp $(RTL) $(BENCH) tb/clock.sv

        lint:
        	for top in $(TOPS); do \
        	  verilator --lint-only -Wall --top-module $$top $(RTL) || exit 1; done

        yosys:
        	for top in $(TOPS); do yosys -q -p "$(CHECK)" || exit 1; done

        synth:
        	for top in $(TOPS); do yosys -q -p "$(SYNTH)" || exit 1; done

        sta:
        	mkdir -p build
        	for top in $(TOPS); do yosys -q -p "$(MAP)" \
        	  && TOP=$$top LIB=$(LIB) sta -no_splash -exit sta.tcl || exit 1; done

        clean:
        	rm -rf build

        """;

    /// <summary>What <c>make sta</c> asks of one circuit.</summary>
    public const string Timing = """
        # The longest path of the circuit TOP in cells of LIB, which make sta names; inputs arrive
        # at the clock's edge, without wires and pads.
        read_liberty $::env(LIB)
        read_verilog build/$::env(TOP).v
        link_design $::env(TOP)
        set clock [list]
        set others [list]
        foreach port [all_inputs] {
          if {[get_property $port full_name] eq "clk"} {
            lappend clock $port
          } else {
            lappend others $port
          }
        }
        create_clock -name clk -period 1000 $clock
        set_input_delay 0 -clock clk $others
        set_output_delay 0 -clock clk [all_outputs]
        puts "$::env(TOP):"
        report_checks -path_delay max

        """;

    /// <summary>The folder's README.</summary>
    public static string Readme(
        string title, IReadOnlyList<ITwin> twins,
        IReadOnlyList<(string Layer, string Reason)> without)
    {
        IEnumerable<string> layers = twins.Select(t =>
            $"| {t.Name} | {t.Description} | {t.Outputs.Count} | {t.Updates} |");
        IEnumerable<string> none = without.Select(w => $"- {w.Layer}: {w.Reason}");
        string nothing = without.Count == 0
            ? ""
            : $"\nWithout a circuit:\n\n{string.Join('\n', none)}\n";
        return $"""
            # {title}, in SystemVerilog

            Written by QSim from the compiled datapath. Each layer has a unit, `rtl/LAYER_unit.sv`:
            lanes that multiply, an exact adder tree, the accumulator with its rounding and
            overflow, and the requantization. It takes one operand pair per lane and cycle; the
            accumulator and its flags are there after the clock, the output follows from them.
            Pooling, sums, products, concatenations, tables and clamps have units without a clock,
            which make one output of their operands.

            {string.Join("\n\n", twins.Where(t => t.Diagram is not null)
                .Select(t => $"![{t.Name}]({t.Diagram})"))}

            A triangle is a register, a number on an arrow its width in bits.

            | layer | unit | outputs | updates |
            |---|---|--:|--:|
            {string.Join('\n', layers)}
            {nothing}
            `make verilator && build/Vbench` or `make icarus && vvp build/twin.vvp` plays the
            vectors and prints PASSED or the first register that differs (flags: overflowed,
            inexact). `+registers=FOLDER`, a folder that is there, writes what every register
            held, for `qsim conform --vectors` and vectors with `--updates`. `make lint`,
            `make yosys` and `make synth` look at the circuits by themselves, `make sta` for
            their longest paths (`LIB=FILE` for other cells than Debian's 0.18 um ones).

            ## Vectors

            `vectors/LAYER_steps.hex` has one row per cycle, `vectors/LAYER_outputs.hex` one per
            output, `vectors/LAYER_rows.hex` one per output of a unit without a clock, for
            `$readmemh`. The first field of a row lies in its lowest bits; lanes lie
            side by side, lane 0 lowest. Products come in the order of the profile's reduction.
            `vectors/LAYER_elements.hex` says column, row, channel and image of each output, 32
            bits each.

            {string.Join('\n', twins.Select(t => t.Layout))}
            """ + "\n";
    }

    /// <summary>A table of a row's fields.</summary>
    public static string Layout(string file, RowLayout row) =>
        $"""

        `vectors/{file}`, {row.Bits} bits:

        | field | bits | meaning |
        |---|---|---|
        {string.Join('\n', row.Fields.Select(f =>
            $"| {f.Name} | {f.From + f.Bits - 1}:{f.From} | {Meaning(file, f.Name)} |"))}

        """;

    private static string Meaning(string file, string field) => field switch
    {
        "first" => "starts a new output",
        "last" => "the output's last cycle",
        "last_bias" => "adds the bias instead of products",
        "x" when file.EndsWith("rows.hex", StringComparison.Ordinal) =>
            "raw inputs, of a window row by row",
        "x" => "raw inputs, one per lane; 0 in lanes that are not used",
        "valid" => "which of them are inside the image",
        "part" => "which of the tensors",
        ['x', >= '0' and <= '9', ..] => "the tensor's raw value",
        "w" => "raw weights, one per lane",
        "products" => "what each lane must give, converted where there is a product register",
        "products_overflowed" or "products_inexact" => "its flags",
        "known" => "whether the accumulator is compared after this cycle",
        "accumulator" when file.EndsWith("rows.hex", StringComparison.Ordinal) =>
            "the sum that its register must hold at last",
        "accumulator" => "what it must hold after the clock",
        "accumulator_overflowed" or "accumulator_inexact" => "its flag, of any value",
        "bias" => "the channel's bias, in the accumulator's format",
        "result" => "the output",
        "overflowed" or "inexact" => file.EndsWith("steps.hex", StringComparison.Ordinal)
            ? "the accumulator's flag"
            : "the output's flag",
        "product_random" or "random" => "what stochastic rounding draws",
        _ => "the channel's, for the requantization",
    };
}
