using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace QSim.CudaDriver.Machine;

/// <summary>Where a thread stands.</summary>
internal enum LaneState
{
    /// <summary>It can go on.</summary>
    Ready,

    /// <summary>At a barrier or an exchange, after whose instruction it goes on.</summary>
    Waiting,

    /// <summary>At its end.</summary>
    Ended,
}

/// <summary>
/// One thread of a kernel. What it has not written holds garbage: registers, local memory.
/// </summary>
internal sealed unsafe class Lane : IDisposable
{
    /// <summary>
    /// What memory holds before anybody writes it: as numbers of any type large and above 0, so
    /// that neither a sum, a maximum nor a clamp at 0 swallows them.
    /// </summary>
    public const byte Garbage = 0x7B;

    private const ulong GarbageRegister = 0x7B7B7B7B_7B7B7B7B;

    private readonly Kernel _kernel;
    private readonly Launch _launch;
    private readonly ulong* _registers;
    private readonly byte* _local;
    private Allocation _recent;
    private long _before;
    private int _group;

    /// <summary>A thread for any place of a launch.</summary>
    public Lane(Launch launch)
    {
        (_launch, _kernel) = (launch, launch.Kernel);
        int registers = _kernel.Registers + _kernel.Constants.Length;
        _registers = (ulong*)NativeMemory.Alloc((nuint)registers + 1, sizeof(ulong));
        _kernel.Constants.CopyTo(
            new Span<ulong>(_registers + _kernel.Registers, _kernel.Constants.Length));
        _local = (byte*)NativeMemory.Alloc((nuint)_kernel.LocalBytes + 1);
        Copies = new(this);
    }

    /// <summary>The group's shared memory.</summary>
    public byte* Shared { get; set; }

    /// <summary>How much of it there is.</summary>
    public int SharedBytes { get; set; }

    /// <summary>Who read and wrote it since the last barrier.</summary>
    public required SharedAccesses Accesses { get; init; }

    /// <summary>
    /// By instruction, how often it was executed; null where nobody counts.
    /// </summary>
    public long[]? Counts { get; init; }

    /// <summary>Copies under way.</summary>
    public AsyncCopies Copies { get; }

    /// <summary>Where it stands.</summary>
    public LaneState State { get; set; }

    /// <summary>Its number in the group.</summary>
    public int Thread { get; private set; }

    /// <summary>The instruction that it waits at.</summary>
    public Instruction? Waiting { get; private set; }

    /// <summary>The next instruction.</summary>
    public int Next { get; private set; }

    /// <summary>Instructions so far, of all threads that it was.</summary>
    public long Executed { get; private set; }

    /// <summary>Instructions of the thread that it is.</summary>
    public long Own => Executed - _before;

    /// <summary>Puts the thread at the kernel's beginning.</summary>
    public void Begin(int group, int thread)
    {
        new Span<ulong>(_registers, _kernel.Registers).Fill(GarbageRegister);
        new Span<byte>(_local, _kernel.LocalBytes).Fill(Garbage);
        foreach ((string name, int register) in _kernel.Specials)
            Set(register, _launch.Special(name, group, thread));
        (State, Waiting, Next, Thread, _group) = (LaneState.Ready, null, 0, thread, group);
        _before = Executed;
        Copies.Clear();
    }

    /// <summary>Goes on to the end, a barrier or an exchange.</summary>
    public void Run()
    {
        Instruction[] code = _kernel.Code;
        long[]? counts = Counts;
        int at = Next;
        long executed = 0;
        while ((uint)at < (uint)code.Length)
        {
            if (counts != null) counts[at]++;
            Instruction i = code[at++];
            executed++;
            if (i.Guard >= 0 && (_registers[i.Guard] != 0) == i.IsNegated) continue;
            switch (i.Flow)
            {
                case Flow.Next:
                    i.Step!(this, i);
                    break;
                case Flow.Branch:
                    at = i.Target;
                    break;
                case Flow.Table:
                    at = _registers[i.A] < (uint)i.Many.Length
                        ? i.Many[(int)_registers[i.A]]
                        : throw new KernelFault(i, "a branch past its table");
                    break;
                case Flow.Return:
                    at = code.Length;
                    break;
                default:
                    (State, Waiting, Next) = (LaneState.Waiting, i, at);
                    Executed += executed;
                    return;
            }
        }

        State = LaneState.Ended;
        Executed += executed;
    }

    /// <summary>A register as a type of its size or less.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T Get<T>(int register)
        where T : unmanaged => *(T*)(_registers + register);

    /// <summary>Writes a register; what is above the type's bytes becomes 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Set<T>(int register, T value)
        where T : unmanaged
    {
        _registers[register] = 0;
        *(T*)(_registers + register) = value;
    }

    /// <summary>Reads the element with a number of an instruction's vector.</summary>
    /// <exception cref="KernelFault">It lies outside, or is not aligned.</exception>
    public ulong Load(Instruction i, int element)
    {
        byte* from = Find(i, element, isWrite: false);
        return i.Bytes switch
        {
            1 => *from,
            2 => *(ushort*)from,
            4 => *(uint*)from,
            _ => *(ulong*)from,
        };
    }

    /// <summary>Writes the element with a number of an instruction's vector.</summary>
    /// <exception cref="KernelFault">It lies outside, or is not aligned.</exception>
    public void Store(Instruction i, int element, ulong value)
    {
        byte* to = Find(i, element, isWrite: true);
        switch (i.Bytes)
        {
            case 1:
                *to = (byte)value;
                break;
            case 2:
                *(ushort*)to = (ushort)value;
                break;
            case 4:
                *(uint*)to = (uint)value;
                break;
            default:
                *(ulong*)to = value;
                break;
        }
    }

    /// <summary>The device's memory from an address on.</summary>
    /// <exception cref="KernelFault">Some of it was never allocated, or is no more, or another
    /// thread uses it at the same time.</exception>
    public byte* Global(Instruction i, long address, int bytes, bool isWrite)
    {
        if (!_recent.Has(address, bytes))
            _recent = _launch.Memory.Find(address, bytes)
                ?? throw new KernelFault(i, $"{bytes} bytes at 0x{address:x} are nobody's");
        if (_recent.Touched != 0) Touched.Add(_recent, address, bytes, isWrite);
        if (_recent.Users != 0)
            GlobalAccesses.Add(
                i, (User*)_recent.Users + ((address - _recent.Start) * GlobalAccesses.Each), bytes,
                new(_launch.Number, _group, Accesses.Phase, Thread), isWrite);
        return (byte*)address;
    }

    /// <summary>The group's memory from an address on.</summary>
    /// <exception cref="KernelFault">Some of it lies outside, or another thread used it since the
    /// last barrier.</exception>
    public byte* GroupMemory(Instruction i, long address, int bytes, bool isWrite)
    {
        if (address < 0 || address + bytes > SharedBytes)
            throw new KernelFault(i, $"shared byte {address} of {SharedBytes}");
        Accesses.Add(i, (int)address, bytes, Thread, isWrite);
        return Shared + address;
    }

    private byte* Find(Instruction i, int element, bool isWrite)
    {
        long start = (long)_registers[i.A] + i.Offset;
        if ((start & ((i.Bytes * i.Many.Length) - 1)) != 0)
            throw new KernelFault(i, $"0x{start:x} is not aligned");
        long address = start + (element * i.Bytes);
        return i.Space switch
        {
            Space.Global => Global(i, address, i.Bytes, isWrite),
            Space.Shared => GroupMemory(i, address, i.Bytes, isWrite),
            Space.Local => address >= 0 && address + i.Bytes <= _kernel.LocalBytes
                ? _local + address
                : throw new KernelFault(i, $"local byte {address} of {_kernel.LocalBytes}"),
            _ => address >= 0 && address + i.Bytes <= _kernel.ParameterBytes
                ? _launch.Parameters + address
                : throw new KernelFault(i, $"parameter byte {address} of {_kernel.ParameterBytes}"),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_registers);
        NativeMemory.Free(_local);
    }
}
