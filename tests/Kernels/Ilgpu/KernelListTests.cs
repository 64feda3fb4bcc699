using System.Reflection;
using System.Reflection.Emit;
using QSim.Kernels.Backends.Ilgpu;

namespace QSim.Kernels.Tests.Ilgpu;

/// <summary>No kernel escapes the tests that read its text.</summary>
public class KernelListTests
{
    private const int TokenBytes = 4;

    /// <summary>
    /// A kernel is read as it is, or inside one of <see cref="ConstantModes"/>, which is how a
    /// specialised one is compiled: as its Compute with the modes in place.
    /// </summary>
    [Fact]
    public void EveryKernelOfTheSet_IsAmongThoseThatAreRead()
    {
        HashSet<MethodBase> read =
        [
            .. DeviceTextTests.Kernels.Values,
            .. DeviceTextTests.Kernels.Values.SelectMany(k => Named(k, OpCodes.Call)),
        ];
        PropertyInfo[] launchers =
        [
            .. typeof(KernelSet).GetProperties().Where(p =>
                p.PropertyType.IsSubclassOf(typeof(Delegate))
            ),
        ];
        Assert.NotEmpty(launchers);
        foreach (PropertyInfo launcher in launchers)
        {
            MethodBase kernel = Assert.Single(
                Named(launcher.GetMethod!, OpCodes.Ldftn), m => m.IsStatic);
            MethodBase compiled = kernel.DeclaringType!.GetMethod("Compute") ?? kernel;
            Assert.True(
                read.Contains(kernel) || read.Contains(compiled),
                $"{launcher.Name}: nobody reads {compiled.DeclaringType!.Name}.{compiled.Name}");
        }
    }

    /// <summary>The methods that instructions of one kind in a method's code name.</summary>
    private static IEnumerable<MethodBase> Named(MethodInfo method, OpCode operation)
    {
        byte[] code = method.GetMethodBody()!.GetILAsByteArray()!;
        byte[] bytes =
            operation.Size == 1
                ? [(byte)operation.Value]
                : [(byte)(operation.Value >> 8), (byte)operation.Value];
        for (int i = 0; i + bytes.Length + TokenBytes <= code.Length; i++)
        {
            if (!code.AsSpan(i, bytes.Length).SequenceEqual(bytes)) continue;
            int token = BitConverter.ToInt32(code, i + bytes.Length);
            MethodBase? named = null;
            try
            {
                named = method.Module.ResolveMethod(token);
            }
            catch (ArgumentException)
            {
                // Bytes that look like the instruction.
            }

            if (named is not null) yield return named;
        }
    }
}
