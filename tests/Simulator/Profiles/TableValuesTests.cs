using QSim.Simulator.Profiles;

namespace QSim.Simulator.Tests.Profiles;

public class TableValuesTests
{
    [Fact]
    public void Values_OfACsvFile_ReachTheDatapathAndTheHash()
    {
        string folder = Directory.CreateTempSubdirectory("qsim-table-").FullName;
        try
        {
            File.Copy(
                Path.Combine(ProfileFolders.Good, "own-table.yaml"),
                Path.Combine(folder, "p.yaml"));
            string csv = Path.Combine(folder, "own-table.csv");
            File.WriteAllText(csv, "-1,-1\n-0.5\n0.25;0.5\n1,1,0.9\n");
            HardwareProfile first = ProfileReader.Read(Path.Combine(folder, "p.yaml"));
            TableStage sigmoid = DatapathCompiler
                .Compile(first)
                .For("sigmoid", "s", isLast: false)
                .Table!;
            Assert.Equal([-1, -1, -0.5, 0.25, 0.5, 1, 1, 0.9], sigmoid.Values!.Value.ToArray());
            Assert.Equal(2, first.Files.Length);

            File.WriteAllText(csv, "-1,-1\n-0.5\n0.25;0.5\n1,1,0.8\n");
            Assert.NotEqual(
                first.Sha256, ProfileReader.Read(Path.Combine(folder, "p.yaml")).Sha256);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Values_InTheProfile_ReachTheDatapath()
    {
        Datapath datapath = DatapathCompiler.Compile(
            ProfileReader.Read(Path.Combine(ProfileFolders.Good, "own-table.yaml")));
        Assert.Equal(
            [-0.5, 0.5], datapath.For("tanh", "t", isLast: false).Table!.Values!.Value.ToArray());
    }
}
