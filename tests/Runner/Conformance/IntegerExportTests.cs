using QSim.Kernels.Datapath;
using QSim.Runner.Conformance;
using QSim.Simulator.Conformance;
using QSim.Simulator.Networks;
using QSim.Simulator.Networks.Files;
using QSim.Simulator.Profiles;

namespace QSim.Runner.Tests.Conformance;

/// <summary>Programs written as ready-made integers and read back are the same programs.</summary>
public class IntegerExportTests
{
    public static TheoryData<string> Profiles => [.. ShippedProfiles.Names];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Write_EveryLayerOnShippedProfile_ReadsBackTheSameProgram(string profile)
    {
        FloatNetwork network = ShippedCases.EveryLayer();
        QuantizedProgram program = ShippedCases.Program(profile, network);
        Datapath datapath = DatapathCompiler.Compile(ProfileReader.Read(profile));

        (_, _, QuantizedProgram back) = IntegerNetwork.Write(
            program, network, datapath, "w.npz");

        Assert.Null(ProgramDifference.Of(program, back));
    }
}
