using ILGPU.Runtime.CPU;
using QSim.Kernels.Backends;
using QSim.Kernels.Backends.Ilgpu;
using QSim.Runner.CommandLine;
using QSim.Runner.Commands;
using QSim.Runner.Output;
using QSim.Runner.Studies;

namespace QSim.Runner.Tests.Studies.Ilgpu;

/// <summary>
/// What <c>qsim run</c> does when its device fails: one line, nothing lost. The device is ILGPU's
/// debugger, which is made to fail where users cannot.
/// </summary>
public sealed class DeviceLossTests : IDisposable
{
    private const string Name = "ilgpu-cpu:failing";
    private static readonly string[] Compared = ["results.json", "results.csv", "events.csv"];

    private static readonly StudySettings Settings = new()
    {
        Profiles = ["int8-wide"],
        Attacks = ["fgsm", "pgd-2"],
        Epsilons = [new(0.05), new(0.1)],
        Epochs = 1,
        Images = 6,
        CalibrationImages = 16,
    };

    private readonly TemporaryFolder _folder = new();
    private readonly FailingDevice _device = new();
    private readonly IBackend _backend;

    public DeviceLossTests() => _backend = new IlgpuBackend(
        Name, CPUDevice.Default, new(Specializes: false) { Listener = _device });

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_DeviceFailsMidway_IsOneLineAndGoesOnToTheSameBytes()
    {
        AssertDone(Run(null, "whole"));
        AssertDone(Run(_backend, "device"));
        (int allocations, int launches) = (_device.Allocations, _device.Launches);
        AssertWhole("device");

        _device.MostAllocations = allocations + (allocations * 9 / 10);
        AssertFailsAndGoesOn(
            "full", "out of memory even with one image at a time; free some or use another "
                + "backend");
        _device.MostLaunches = _device.Launches + (launches * 6 / 10);
        AssertFailsAndGoesOn(
            "lost",
            @"the device stopped working \(.+\); use another backend or restart the driver");
    }

    private void AssertFailsAndGoesOn(string run, string said)
    {
        Finished failed = Run(_backend, run);

        Assert.Equal(ExitCode.UsageError, failed.Code);
        Assert.Matches($@"^qsim: {Name}: {said}\n$", failed.Error);
        int kept = Cells(run);
        Assert.InRange(kept, 1, Cells("whole") - 1);
        Assert.Contains("\"complete\": "
            + "false", File.ReadAllText(_folder.File($"{run}/results.json")));

        (_device.MostAllocations, _device.MostLaunches) = (int.MaxValue, int.MaxValue);
        Finished last = Run(_backend, run);

        Assert.Equal(ExitCode.Done, last.Code);
        Assert.EndsWith($"{run}: {kept} cells are measured, going on\n", last.Error);
        AssertWhole(run);
    }

    /// <summary>As the command does it, with a backend that no command line can name.</summary>
    private Finished Run(IBackend? backend, string run)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var screen = new Screen(output, error, false, false, colour: false)
        {
            IsQuiet = true,
        };
        try
        {
            StudyInputs inputs = StudyInputs.Read(Settings, new([])) with { Backend = backend };
            var options = new SessionOptions
            {
                CommandLine = ["run"],
                OutputFolder = _folder.File(run),
            };
            ExitCode code = new StudySession(screen, inputs, options).Run(default);
            return new(code, error.ToString());
        }
        catch (Exception e)
        {
            return new(Failures.Report(e, screen), error.ToString());
        }
    }

    private static void AssertDone(Finished run) =>
        Assert.Equal((ExitCode.Done, ""), (run.Code, run.Error));

    private void AssertWhole(string run)
    {
        foreach (string file in Compared)
            Assert.Equal(
                File.ReadAllText(_folder.File($"whole/{file}")),
                File.ReadAllText(_folder.File($"{run}/{file}")));
    }

    private int Cells(string run) => File.ReadLines(_folder.File($"{run}/cells.jsonl")).Count();

    private sealed record Finished(ExitCode Code, string Error);
}
