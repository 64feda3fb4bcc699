using QSim.Runner.Silicon.Costs;

namespace QSim.Runner.Tests.Silicon;

public class TransitionsTests
{
    /// <summary>
    /// Pins of one cell that share a net count alike; x to 0 is no transition, vectors are none.
    /// </summary>
    [Fact]
    public void Read_CountsChangesBetween0And1_OfPinsOfCells()
    {
        const string Dump = """
            $scope module bench $end
            $scope module accumulate $end
            $var wire 1 ! clk $end
            $scope module _1_ $end
            $var wire 1 ! A $end
            $var wire 1 " Y $end
            $upscope $end
            $scope module _2_ $end
            $var wire 1 " A $end
            $var wire 4 # V $end
            $upscope $end
            $upscope $end
            $upscope $end
            $enddefinitions $end
            #0
            $dumpvars
            0!
            x"
            bx #
            $end
            #1
            1!
            0"
            #2
            0!
            1"
            b101 #
            #3
            x"
            #4
            1"
            """;
        Dictionary<string, Dictionary<string, long>> counted =
            Transitions.Read(new StringReader(Dump));
        Assert.Equal(["accumulate"], counted.Keys);
        Assert.Equal(
            new Dictionary<string, long> { ["_1_/A"] = 2, ["_1_/Y"] = 1, ["_2_/A"] = 1 },
            counted["accumulate"]);
    }
}
