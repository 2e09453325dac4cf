after is an order and implies no requirement
source: dinit igr before-after; tests.cc test_order2, test_order3

  $ boot
  $ is three ready
  $ cat order
  one
  two
  three
  $ up lone; state absent
  stopped
  $ novasup stop one; state two
  one@1 stopped
  ready
