using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using QSim.Kernels.Backends.Ilgpu.Tiled;

namespace QSim.Kernels.Backends.Ilgpu.Matrix;

/// <summary>What the matrix kernel is given, in the order of its parameters.</summary>
/// <param name="Inputs">Address of [block][column], 16 bytes each.</param>
/// <param name="Weights">Address of [block][filter], filters filled up to whole groups.</param>
/// <param name="Sums">Address of [filter][column], filled.</param>
/// <param name="Filters">Rows of the result.</param>
/// <param name="Columns">Columns of the result.</param>
/// <param name="Tiles">Groups that all filters take.</param>
/// <param name="Steps">Steps along the depth.</param>
internal readonly record struct MatrixArguments(
    nint Inputs, nint Weights, nint Sums, int Filters, int Columns, int Tiles, int Steps);

/// <summary>
/// The matrix kernels of one CUDA device, each assembled by the driver when first launched. They go
/// with the device's context.
/// </summary>
/// <remarks>
/// Needs buffers as large as the sizes say: <see cref="MatrixProduct"/> asserts it.
/// </remarks>
internal sealed class CudaModules(CudaAccelerator accelerator)
{
    private readonly Dictionary<(MatrixShape, OperandSigns), nint> _functions = [];

    /// <summary>Queues a product.</summary>
    /// <param name="stream">Where.</param>
    /// <param name="shape">How it is divided.</param>
    /// <param name="signs">What operands are.</param>
    /// <param name="arguments">Addresses and sizes.</param>
    public unsafe void Launch(
        CudaStream stream, MatrixShape shape, OperandSigns signs, MatrixArguments arguments)
    {
        using ScopedAcceleratorBinding bound = accelerator.BindScoped();
        nint function = Function(shape, signs);
        (nint inputs, nint weights, nint sums) =
            (arguments.Inputs, arguments.Weights, arguments.Sums);
        (int filters, int columns, int tiles, int steps) =
            (arguments.Filters, arguments.Columns, arguments.Tiles, arguments.Steps);
        void** pointers =
            stackalloc void*[] { &inputs, &weights, &sums, &filters, &columns, &tiles, &steps };
        int groups = tiles * ((columns + shape.Columns - 1) / shape.Columns);
        CudaException.ThrowIfFailed(
            CudaAPI.CurrentAPI.LaunchKernel(
                function, groups, 1, 1, shape.Threads, 1, 1, shape.SharedBytes, stream.StreamPtr,
                (nint)pointers, 0));
    }

    private nint Function(MatrixShape shape, OperandSigns signs)
    {
        if (_functions.TryGetValue((shape, signs), out nint known)) return known;
        CudaException.ThrowIfFailed(
            CudaAPI.CurrentAPI.LoadModule(
                out nint module, MatrixText.Of(shape, signs), out string? _));
        CudaException.ThrowIfFailed(
            CudaAPI.CurrentAPI.GetModuleFunction(out nint function, module, MatrixText.Name));
        return _functions[(shape, signs)] = function;
    }
}
