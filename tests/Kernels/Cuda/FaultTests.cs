using QSim.CudaDriver.Driver;

namespace QSim.Kernels.Tests.Cuda;

/// <summary>What a card ends a kernel for, or a tool that watches one reports.</summary>
public unsafe class FaultTests
{
    [Theory]
    [InlineData("ld.global.b32 r1,[d0+8];", "4 bytes at 0x")]
    [InlineData("st.global.b64 [d15+8],d1;", "8 bytes at 0x")]
    [InlineData("mov.b64 d2,64; ld.global.b32 r1,[d2];", "4 bytes at 0x40 are nobody's")]
    [InlineData("ld.global.b32 r1,[d0+2];", "is not aligned")]
    [InlineData("ld.global.v2.b32 {r1,r2},[d0+4];", "is not aligned")]
    [InlineData("mov.u32 r1,common; ld.shared.b32 r2,[r1+128];", "shared byte 128 of 128")]
    [InlineData("ld.param.b32 r1,[out+8];", "parameter byte 8 of 8")]
    [InlineData("mov.u32 r1,common; cp.async.cg.shared.global [r1],[d15],16;", "16 bytes at 0x")]
    [InlineData("mov.b32 r1,5; T: .branchtargets E, E; brx.idx.uni r1, T; E:", "past its table")]
    public void Kernel_ThatReachesOut_EndsWithItsLine(string body, string what)
    {
        CudaException e = Assert.Throws<CudaException>(() => Interpreted.Run(body));
        Assert.Equal(CudaResult.IllegalAddress, e.Result);
        Assert.Contains(what, e.Message);
        Assert.Matches(@"^test: \S+ in line 1[12]: ", e.Message);
    }

    /// <summary>Half of a warp waits for a matrix product, the other half for everybody.</summary>
    [Fact]
    public void Threads_ThatWaitForDifferentThings_AreAFault()
    {
        string body =
            """
            setp.lt.u32 p0,r0,16; @p0 bra OTHER;
            mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32
                {r1,r2,r3,r4},{r5,r6,r7,r8},{r9,r10},{r1,r2,r3,r4};
            OTHER: bar.sync 0;
            """;
        Assert.Contains(
            "some threads of the group wait elsewhere",
            Assert.Throws<CudaException>(() => Interpreted.Run(body, threads: 32)).Message);
    }

    /// <summary>A barrier that only some lanes of a warp come to is another one.</summary>
    [Fact]
    public void Lanes_AtDifferentBarriers_AreAFault() => Assert.Contains(
        "others of the warp wait in line 11",
        Assert.Throws<CudaException>(() => Interpreted.Run(
            """
            setp.lt.u32 p0,r0,16; @p0 bra OTHER; bar.sync 0; bra.uni END;
            OTHER: bar.sync 0;
            END:
            """,
            threads: 32)).Message);

    /// <summary>
    /// Threads that run one after the other, the last first, give the first kernel what it would
    /// have with its barrier: only who used which byte tells.
    /// </summary>
    [Theory]
    [InlineData("st.shared.b32 [r2],r0; {0} ld.shared.b32 r4,[r2+4];", "wrote")]
    [InlineData("ld.shared.b32 r4,[r2+4]; {0} st.shared.b32 [r2],r0;", "wrote")]
    [InlineData("ld.shared.b32 r4,[r1]; {0} @p0 st.shared.b32 [r1],r0;", "several threads read")]
    [InlineData("cp.async.cg.shared.global [r3],[d15],16; {0} ld.shared.b32 r4,[r1];", "read")]
    public void SharedMemory_WithoutABarrier_IsAFault(string body, string what)
    {
        string text =
            "mov.u32 r1,common; shl.b32 r2,r0,2; add.u32 r2,r2,r1; shl.b32 r3,r0,4; "
                + "add.u32 r3,r3,r1; setp.eq.u32 p0,r0,0; ";
        Interpreted.Run(text + body.Replace("{0}", "bar.sync 0;"), threads: 4);
        Assert.Matches(
            $@"line 11: .*{what} shared byte \d+, and no barrier came since",
            Assert.Throws<CudaException>(
                () => Interpreted.Run(text + body.Replace("{0}", ""), threads: 4)).Message);
    }

    /// <summary>
    /// Each thread ends with a store of its own: what another does with that place before or after
    /// is a fault, whatever came of it, but where both are of one group and a barrier lies between.
    /// </summary>
    [Theory]
    [InlineData("", 4, 1, null)]
    [InlineData("ld.global.b64 d3,[d0];", 4, 1, null)]
    [InlineData("ld.global.b64 d3,[d2]; bar.sync 0;", 4, 1, null)]
    [InlineData("st.global.b64 [d2],d1; bar.sync 0;", 2, 1, "thread 1 of group 0 wrote")]
    [InlineData("ld.global.b64 d3,[d2];", 4, 1, "several threads of group 0 read")]
    [InlineData("ld.global.b64 d3,[d2];", 2, 1, "thread 1 of group 0 wrote")]
    [InlineData("st.global.b64 [d2],d1;", 4, 1, "thread 3 of group 0 wrote")]
    [InlineData("ld.global.b64 d3,[d2]; bar.sync 0;", 2, 2, "thread 1 of group 1 wrote")]
    [InlineData("bar.sync 0;", 2, 2, "thread 1 of group 1 wrote")]
    public void DeviceMemory_OfTwoThreadsAtOnce_IsAFaultWhereWatched(
        string body, int threads, int groups, string? what)
    {
        string text = $"add.u64 d2,d15,8; {body}";
        ulong[] Run(bool isWatched) =>
            Interpreted.Run(new(isWatched), text, groups, threads);
        Run(isWatched: false);
        if (what is null) Run(isWatched: true);
        else
            Assert.Matches(
                $"line 1[12]: {what} these bytes in the same launch",
                Assert.Throws<CudaException>(() => Run(isWatched: true)).Message);
    }

    [Fact]
    public void Memory_OnceFreed_IsNobodys()
    {
        var card = new Card();
        nint function = card.Function(card.Load(Interpreted.Text("")), "test");
        long memory = card.Memory.Allocate(8)!.Value.Start;
        void* argument = &memory;
        card.Free(memory);
        card.Launch(function, new(1, 1, 1), new(1, 1, 1), 0, 0, &argument, null);
        Assert.Contains(
            "are nobody's", Assert.Throws<CudaException>(() => card.Finish(0)).Message);
        Assert.Throws<CudaException>(() => card.Finish(0));
    }

    [Theory]
    [InlineData(1025, 1, 0, 1)]
    [InlineData(1024, 2, 0, 701)]
    [InlineData(1, 65, 0, 1)]
    [InlineData(1, 1, 48 * 1024, 701)]
    [InlineData(0, 1, 0, 1)]
    public void Launch_OfMoreThanAGroupMayHave_IsRefused(
        int threads, int layers, int sharedBytes, int expected)
    {
        var card = new Card();
        nint function = card.Function(card.Load(Interpreted.Text("")), "test");
        CudaException e = Assert.Throws<CudaException>(() => card.Launch(
            function, new(1, 1, 1), new(threads, 1, layers), sharedBytes, 0, null, null));
        Assert.Equal((CudaResult)expected, e.Result);
        Assert.StartsWith("test: ", e.Message);
    }

    [Theory]
    [InlineData(1, 65536)]
    [InlineData(65536, 1)]
    [InlineData(0, 1)]
    public void Launch_OfMoreGroupsThanAnAxisHas_IsRefused(int rows, int layers)
    {
        var card = new Card();
        nint function = card.Function(card.Load(Interpreted.Text("")), "test");
        CudaException e = Assert.Throws<CudaException>(() => card.Launch(
            function, new(1, rows, layers), new(1, 1, 1), 0, 0, null, null));
        Assert.Equal(CudaResult.InvalidValue, e.Result);
        Assert.StartsWith("test: ", e.Message);
    }

    /// <summary>
    /// A copy from pinned memory reads it when its turn comes, from other memory at once.
    /// </summary>
    [Theory]
    [InlineData(true, 2)]
    [InlineData(false, 1)]
    public void Copy_FromMemoryThatChanges_TakesItAsACardWould(bool isPinned, int expected)
    {
        var card = new Card();
        long memory = card.Memory.Allocate(sizeof(int))!.Value.Start;
        int value = 1, result = 0;
        nint stream = card.CreateStream(waitsForDefault: false);
        if (isPinned) card.Pin((nint)(&value), sizeof(int));
        card.Copy(memory, (long)&value, sizeof(int), stream);
        value = 2;
        card.Finish(stream);
        card.Copy((long)&result, memory, sizeof(int), stream);
        Assert.Equal(expected, result);
    }

    /// <summary>Whoever reads pinned memory before waiting reads what was there.</summary>
    [Fact]
    public void Copy_ToPinnedMemory_IsThereOnceTheStreamIsDone()
    {
        var card = new Card();
        long memory = card.Memory.Allocate(sizeof(int))!.Value.Start;
        int result = 5;
        nint stream = card.CreateStream(waitsForDefault: false);
        card.Pin((nint)(&result), sizeof(int));
        card.Fill(memory, 0, sizeof(int), stream);
        card.Copy((long)&result, memory, sizeof(int), stream);
        Assert.Equal(5, result);
        card.Finish(0);
        Assert.Equal(5, result);
        card.Finish(stream);
        Assert.Equal(0, result);
    }
}
